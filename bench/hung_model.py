"""Whether searches get slower while a language model's server hangs: p95 idle against p95 with hung answers.

    python -m bench.hung_model [--calls 20] [--searches 300]

Starts the real web server on a data folder of its own with a model server that takes requests and never answers.
Idle and hung rounds alternate, so that what else the machine does hits both alike.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from core.settings import ROOT, Settings, child_environment, load_settings
from core.storage.people import Credential
from core.storage.store import Store
from core.values import InstallationRole

_ROUNDS = 3
_WARM_UP = 20
_READY_SECONDS = 60.0


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--searches", type=int, default=300)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _hanging_server() as url:
        settings = load_settings(
            data=Path(folder),
            port=_free_port(),
            llm_url=url,
            llm_model="hangs",
            llm_silent_seconds=600,
            llm_seconds=600,
        )
        with _web_server(settings) as key:
            print(json.dumps(_measure(settings, key, wanted.calls, wanted.searches), indent=2))


def _measure(settings: Settings, key: str, calls: int, searches: int) -> dict[str, object]:
    _search_times(settings, key, _WARM_UP)
    times: dict[str, list[float]] = {"idle": [], "hung": []}
    for _ in range(_ROUNDS):
        times["idle"] += _search_times(settings, key, searches // _ROUNDS)
        with _hung_answers(settings, key, calls):
            times["hung"] += _search_times(settings, key, searches // _ROUNDS)
    found = {name: {f"p{p}": round(float(np.percentile(some, p)), 2) for p in (50, 95)} for name, some in times.items()}
    return {
        "hung_calls": calls,
        "searches": len(times["idle"]),
        "search_ms": found,
        "p95_ratio": round(found["hung"]["p95"] / found["idle"]["p95"], 2),
    }


def _search_times(settings: Settings, key: str, count: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=60)
    times = []
    for number in range(count):
        began = time.perf_counter()
        _post(connection, key, "/api/v1/search", {"query": f"annual leave of employees {number % 10}"})
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - began) * 1000)
        assert response.status == http.client.OK, response.status
    connection.close()
    return times


@contextmanager
def _hung_answers(settings: Settings, key: str, calls: int) -> Iterator[None]:
    connections = [http.client.HTTPConnection("127.0.0.1", settings.port, timeout=60) for _ in range(calls)]
    for connection in connections:
        _post(connection, key, "/api/v1/answers", {"question": "How many days of leave are there?", "stream": True})
    responses = [connection.getresponse() for connection in connections]
    time.sleep(1)
    yield
    for connection, response in zip(connections, responses, strict=True):
        response.close()
        connection.close()


def _post(connection: http.client.HTTPConnection, key: str, path: str, body: dict[str, object]) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)


@contextmanager
def _web_server(settings: Settings) -> Iterator[str]:
    environment = child_environment(settings)
    sample = [sys.executable, "archivar", "add", "docs/sample", "--collection", "Sample"]
    subprocess.run(sample, cwd=ROOT, env=environment, check=True, capture_output=True)
    store = Store(settings)
    user = store.people.add("bench@example.org", InstallationRole.ADMIN)
    key = store.people.issue(user.id, Credential.API_KEY)
    store.close()
    process = subprocess.Popen([sys.executable, "-m", "web.server"], cwd=ROOT, env=environment)
    try:
        _wait_for(settings.port)
        yield key
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The web server did not start.")


@contextmanager
def _hanging_server() -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                held.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    listener.close()
    for connection in held:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
