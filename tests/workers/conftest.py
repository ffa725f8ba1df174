"""Settings with short leases, and real worker processes."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.children import Child, Program, stop
from core.settings import Settings, child_environment, load_settings
from core.storage.store import Store
from tests.forking import ForkedChild
from tests.places import Place, empty_folder
from workers.ingest_tasks import IngestWorker

StartWorker = Callable[..., Child]


@pytest.fixture
def settings(tmp_path: Path, place: Place) -> Settings:
    """Settings under which a lost worker is noticed within two seconds."""
    return load_settings(
        data=tmp_path / "data" if place.database_url else empty_folder(tmp_path / "data"),
        database_url=place.database_url,
        redis_url=place.redis_url,
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
def start(settings: Settings, forks: Path) -> Iterator[StartWorker]:
    """Starts worker processes (`python -m ...`) that end with the test; where `forked`, with everything imported."""
    children: list[Child] = []
    settings.run_dir.mkdir(parents=True, exist_ok=True)

    def run(*module: str, forked: bool = True, **chosen: object) -> Child:
        environment = child_environment(settings.model_copy(update=chosen))
        program = Program("worker", [sys.executable, "-m", *module], environment)
        log = settings.run_dir / f"worker-{len(children)}.log"
        children.append(ForkedChild(forks, program, log) if forked else Child(program, log))
        return children[-1]

    yield run
    stop(children, 5)
