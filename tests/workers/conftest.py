"""A real Redis, started as the supervisor starts it, settings with short leases, and real worker processes."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.children import Child, Program, stop
from cli.redis_server import RedisServer
from core.settings import Settings, child_environment, load_settings
from core.storage.store import Store
from tests.processes import eventually
from workers.broker import redis_client, trouble
from workers.ingest_tasks import IngestWorker

StartWorker = Callable[..., Child]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test run."""
    settings = load_settings(data=tmp_path_factory.mktemp("redis"))
    settings.run_dir.mkdir()
    server = RedisServer(settings)
    child = Child(server.program(), settings.run_dir / "redis.log")
    client = redis_client(settings.model_copy(update={"redis_url": SecretStr(server.url)}))
    eventually(lambda: trouble(client) is None)
    yield server.url
    stop([child], 2)
    server.tidy_up()


@pytest.fixture
def settings(tmp_path: Path, redis_url: str) -> Settings:
    """Settings under which a lost worker is noticed within two seconds."""
    client = redis_client(load_settings(redis_url=redis_url))
    assert client is not None
    client.flushall()
    return load_settings(
        data=tmp_path / "data",
        redis_url=redis_url,
        lease_seconds=1.5,
        heartbeat_seconds=0.5,
        sweep_seconds=0.5,
        parser_children=1,
    )


@pytest.fixture
def worker(settings: Settings, store: Store) -> Iterator[IngestWorker]:
    """An ingest worker in this process."""
    opened = IngestWorker(settings, store)
    yield opened
    opened.close()


@pytest.fixture
def start(settings: Settings) -> Iterator[StartWorker]:
    """Starts worker processes (`python -m ...`) that end with the test."""
    children: list[Child] = []
    settings.run_dir.mkdir(parents=True, exist_ok=True)

    def run(*module: str) -> Child:
        program = Program("worker", [sys.executable, "-m", *module], child_environment(settings))
        children.append(Child(program, settings.run_dir / f"worker-{len(children)}.log"))
        return children[-1]

    yield run
    stop(children, 5)
