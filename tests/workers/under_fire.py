"""An installation of real processes of which one is killed now and then, and a slow model that always says the same."""

import http.client
import json
import random
import re
import socket
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.children import Child, Program, stop
from core.settings import Settings, child_environment
from core.storage.store import Store
from core.summaries import ItemState
from tests.forking import ForkedChild
from tests.llm.rude_server import DONE, STREAM, replying, said
from tests.processes import eventually

PROGRAMS = {"worker": "workers.main", "beat": "workers.beat", "web": "web.server"}
# The worker does the work, so that it is killed as often as both others.
_CHOICES = ("worker", "worker", "beat", "web")
_PASSAGE = re.compile(r"Passage \[1\]\n(.+?)\n--- end", re.DOTALL)


def scribe(connection: socket.socket, request: str) -> None:
    """A model's server: after a moment it says the first sentence of the first passage, and cites it."""
    head, _, body = request.partition("\r\n\r\n")
    if "/chat/completions" not in head.partition("\r\n")[0]:
        replying(200, b'{"data": [{"id": "scribe", "max_model_len": 8192}]}')(connection, request)
        return
    found = _PASSAGE.search(json.loads(body)["messages"][-1]["content"])
    time.sleep(0.2)
    connection.sendall(STREAM + said(f"{found[1].split('. ')[0].rstrip('.')}. [1]" if found else "NOT_FOUND"))
    connection.sendall(said(end="stop") + DONE)


@dataclass(frozen=True)
class Answer:
    """What the web server answered."""

    status: int
    body: dict[str, Any]
    retry_after: str | None


class UnderFire:
    """Worker, beat and web of an installation. Leaving the context ends them."""

    def __init__(self, forks: Path, settings: Settings, key: str, seed: int) -> None:
        self._forks = forks
        self._settings = settings
        self._key = key
        self._rng = random.Random(seed)
        self._children: dict[str, Child] = {}
        self.killed: list[str] = []

    def __enter__(self) -> "UnderFire":
        self._settings.run_dir.mkdir(parents=True, exist_ok=True)
        for name in PROGRAMS:
            self._start(name)
        return self

    def __exit__(self, *_: object) -> None:
        stop(self._children.values(), 5)

    def shoot(self, store: Store, run_id: str) -> None:
        """Kill one of them at some moment and start it again; the worker mostly once it has done something."""
        name = self._rng.choice(_CHOICES)
        if name == "worker" and self._rng.random() < 0.7:
            before = ended(store, run_id)
            eventually(lambda: ended(store, run_id) > before or is_over(store, run_id), 60)
        time.sleep(self._rng.uniform(0, 0.6))
        self.kill(name)

    def kill(self, name: str) -> None:
        """Kill one of them and start it again."""
        stop([self._children[name]], 0)
        self.killed.append(name)
        self._start(name)

    def pid(self, name: str) -> int:
        """The process id of one of them."""
        return self._children[name].pid

    def told(self, path: str) -> dict[str, Any]:
        """What the web server says, once it does."""
        found: dict[str, Any] = {}

        def ask() -> bool:
            answer = self.ask("GET", path)
            if answer is not None and answer.status == http.client.OK:
                found.update(answer.body)
            return bool(found)

        eventually(ask, 60)
        return found

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer | None:
        """Send a request; None where no whole answer comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self._settings.port, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", **({"Content-Type": kind} if kind else {})}
        with suppress(OSError, http.client.HTTPException, ValueError), closing(connection):
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()), response.getheader("Retry-After"))
        return None

    def _start(self, name: str) -> None:
        program = Program(name, [sys.executable, "-m", PROGRAMS[name]], child_environment(self._settings))
        self._children[name] = ForkedChild(self._forks, program, self._settings.run_dir / f"{name}.log")


def ended(store: Store, run_id: str) -> int:
    """How many documents of a run have ended."""
    return sum(one.state in {ItemState.DONE, ItemState.FAILED} for one in store.summaries.items(run_id))


def is_over(store: Store, run_id: str) -> bool:
    """Whether a run has ended."""
    return store.jobs.get(run_id).state.value not in {"queued", "running"}
