"""Fixtures: the tiny Llamas of `tests.llm.tiny_llama`, made once and kept, and the real server for them."""

import fcntl
import http.client
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.children import Child, Program, stop
from core.settings import child_environment, load_settings
from tests.forking import ForkedChild
from tests.processes import eventually, free_port

_PATIENCE = 90.0


class ServedLlama:
    """A server of a tiny Llama. `url` and `model` are what `ARCHIVAR_LLM_URL` and `ARCHIVAR_LLM_MODEL` want."""

    def __init__(self, forks: Path, folder: Path, log: Path) -> None:
        self._forks = forks
        self.model = str(folder)
        self._log = log
        self._port = free_port()
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where its OpenAI-compatible interface is; the same after a restart."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._child is not None and self._child.exit_status is None

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self.running:
            return
        where = ["--host", "127.0.0.1", "--port", str(self._port), "--device", "cpu"]
        command = [sys.executable, "-m", "transformers.cli.transformers", "serve", self.model, *where]
        self._child = ForkedChild(self._forks, Program("llm", command, child_environment(load_settings())), self._log)
        eventually(self._answers, _PATIENCE)

    def pause(self) -> None:
        """Let it hang: it keeps its connections and says nothing more."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    @contextmanager
    def crawling(self) -> Iterator[None]:
        """Let it run for a fortieth of the time, so that its answers have a middle; it is paused afterwards."""
        ending = threading.Event()

        def crawl() -> None:
            while not ending.wait(0.19):
                self.resume()
                time.sleep(0.005)
                self.pause()

        self.pause()
        thread = threading.Thread(target=crawl)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()

    def kill(self) -> None:
        """`kill -9`, at any moment."""
        if self._child is not None:
            stop([self._child], 0)

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None and self.running:
            os.killpg(self._child.pid, number)

    def _answers(self) -> bool:
        assert self.running, self._log.read_text(errors="replace")[-3000:]
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


Making = Callable[[bool], Path]


@pytest.fixture(scope="session")
def tiny_llama(request: pytest.FixtureRequest) -> Making:
    """Gives the folder of a tiny Llama, trained or with random weights; made when it is not there yet."""
    cache = request.config.cache
    assert cache is not None
    root = cache.mkdir("tiny-llama")

    def folder(trained: bool) -> Path:
        from tests.llm import tiny_llama as making

        found = root / f"{'trained' if trained else 'random'}-{making.recipe()}"
        with (root / "lock").open("w") as lock:
            # Training takes both processors, so that two runs of the tests take turns.
            fcntl.flock(lock, fcntl.LOCK_EX)
            return found if found.exists() else making.build(found, trained=trained)

    return folder


@pytest.fixture(scope="session")
def llama_server(tiny_llama: Making, forks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedLlama]:
    """The one server of the trained tiny Llama; tests take `served_llama`."""
    server = ServedLlama(forks, tiny_llama(True), tmp_path_factory.mktemp("llama") / "serve.log")
    yield server
    server.kill()


@pytest.fixture
def served_llama(llama_server: ServedLlama) -> ServedLlama:
    """A running server of the tiny Llama that repeats the first sentence of the first passage and adds ` [1]`."""
    llama_server.resume()
    llama_server.start()
    return llama_server


def give_time(items: list[pytest.Item]) -> None:
    """Give time to the tests of which the first has to wait for the training."""
    for item in items:
        if "tiny_llama" in getattr(item, "fixturenames", ()) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(400))
