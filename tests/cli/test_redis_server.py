"""The Redis of `up`."""

from pathlib import Path

from cli.children import Child, stop
from cli.redis_server import RedisServer
from core.settings import load_settings
from tests.processes import eventually
from workers.doorbell import Doorbell


def test_its_socket_fits_however_deep_the_data_folder_lies(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / ("deep" * 30))
    settings.run_dir.mkdir(parents=True)
    server = RedisServer(settings)
    folder = Path(server.url.removeprefix("redis+socket://")).parent
    assert folder.stat().st_mode & 0o777 == 0o700

    child = Child(server.program(), settings.run_dir / "redis.log")
    doorbell = Doorbell(load_settings(redis_url=server.url))
    eventually(lambda: doorbell.broker_state() == "ok")
    stop([child], 2)
    server.tidy_up()

    assert child.exit_status == 0
    assert not folder.exists()
    assert not list(settings.run_dir.glob("*.rdb"))
