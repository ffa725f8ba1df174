"""Real servers and callers for benchmarks: the web server as `up` starts it, and questions over REST."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from core.settings import ROOT, Settings, child_environment
from core.storage.people import Credential
from core.storage.store import Store
from core.values import InstallationRole

_READY_SECONDS = 120.0


@contextmanager
def web_server(settings: Settings) -> Iterator[str]:
    """A web server over a data folder, ready to search; gives an administrator's API key."""
    store = Store(settings)
    user = store.people.add(f"bench-{time.time_ns()}@example.org", InstallationRole.ADMIN)
    key = store.people.issue(user.id, Credential.API_KEY)
    store.close()
    process = subprocess.Popen([sys.executable, "-m", "web.server"], cwd=ROOT, env=child_environment(settings))
    try:
        _wait_for(settings.port, key)
        yield key
    finally:
        process.terminate()
        process.wait(10)


def search_times(settings: Settings, key: str, questions: Sequence[str], callers: int) -> tuple[list[float], float]:
    """Milliseconds of each search that callers send over connections of their own, and seconds for all."""
    times: list[float] = []

    def call(mine: Sequence[str]) -> None:
        connection = _connection(settings.port)
        for question in mine:
            began = time.perf_counter()
            if _search(connection, key, question) != http.client.OK:
                raise RuntimeError("the server did not answer a search")
            times.append((time.perf_counter() - began) * 1000)
        connection.close()

    threads = [threading.Thread(target=call, args=(questions[number::callers],)) for number in range(callers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - began


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def _search(connection: http.client.HTTPConnection, key: str, question: str) -> int:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/search", json.dumps({"query": question}), headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _wait_for(port: int, key: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            if _search(_connection(port), key, "ready?") == http.client.OK:
                return
        time.sleep(0.1)
    raise SystemExit("The web server did not start.")
