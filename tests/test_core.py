"""What Archivar is for, from upload to deletion, with every program of a server running as a process of its own.

The same story on this machine alone and on a PostgreSQL and a Redis that others look after. Leases, reading and access
rights run in both places in their own files.
"""

import http.client
import json
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli.children import Child, Program, stop
from core.settings import Settings, child_environment, load_settings
from core.storage.people import Credential
from core.storage.store import Store
from core.values import CollectionRole, InstallationRole
from tests.forking import ForkedChild
from tests.places import EVERYWHERE, Place
from tests.processes import eventually, kill
from tests.workers.texts import text

PROGRAMS: dict[str, tuple[str, dict[str, object]]] = {
    "web": ("web.server", {}),
    "ingest": ("workers.main", {"worker_queues": ("ingest",)}),
    "batch": ("workers.main", {"worker_queues": ("batch",)}),
    "beat": ("workers.beat", {}),
}
QUESTION = "How long is the notice period?"


@dataclass(frozen=True)
class Caller:
    """Someone with an API key."""

    port: int
    key: str

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request; the status and the JSON of the reply."""
        data = json.dumps(body).encode() if body is not None else b""
        return self.send(method, path, data, "application/json")

    def upload(self, collection_id: str, name: str, data: bytes) -> str:
        """Upload a file; the id of its document."""
        boundary = uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        path = f"/api/v1/collections/{collection_id}/documents"
        status, reply = self.send("POST", path, body, f"multipart/form-data; boundary={boundary}")
        assert status == 202, reply
        document_id: str = reply["documents"][0]["id"]
        return document_id

    def send(self, method: str, path: str, body: bytes, content_type: str) -> tuple[int, Any]:
        """Send bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": content_type}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


class Installation:
    """All programs, started as on a server."""

    def __init__(self, forks: Path, settings: Settings) -> None:
        self.forks = forks
        self.settings = settings
        self.store = Store(settings)
        self.children: dict[str, Child] = {}
        settings.run_dir.mkdir(parents=True, exist_ok=True)
        for name in PROGRAMS:
            self.start(name)
        eventually(self.is_ready, 60)

    def start(self, name: str) -> None:
        """Start a program, again if it has ended."""
        module, chosen = PROGRAMS[name]
        environment = child_environment(self.settings.model_copy(update=chosen))
        program = Program(name, [sys.executable, "-m", module], environment)
        self.children[name] = ForkedChild(self.forks, program, self.settings.run_dir / f"{name}.log")

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            return Caller(self.settings.port, "").ask("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def caller(self, role: InstallationRole, collection_id: str = "", part: CollectionRole | None = None) -> Caller:
        """A new person with a key."""
        user = self.store.people.add(f"{uuid4().hex}@example.org", role)
        if part is not None:
            self.store.collections.set_member(collection_id, user.id, part)
        return Caller(self.settings.port, self.store.people.issue(user.id, Credential.API_KEY))


@pytest.fixture
def installation(tmp_path: Path, place: Place, forks: Path) -> Iterator[Installation]:
    """A running installation on which a lost worker is noticed soon."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    one = Installation(
        forks,
        load_settings(
            data=tmp_path / "data",
            database_url=place.database_url,
            redis_url=place.redis_url,
            port=port,
            lease_seconds=2.0,
            heartbeat_seconds=0.5,
            sweep_seconds=0.5,
        ),
    )
    yield one
    stop(one.children.values(), 5)
    one.store.close()


def shows(caller: Caller, words: str, path: str | None) -> bool:
    """Whether the best hit for the words is in this file, or nothing at all is found."""
    _, found = caller.ask("POST", "/api/v1/search", {"query": words, "k": 1})
    return [hit["filename"] for hit in found["hits"]] == ([path] if path is not None else [])


def says(caller: Caller, words: str) -> bool:
    _, answer = caller.ask("POST", "/api/v1/answers", {"question": QUESTION})
    return answer["status"] == "answered" and words in answer["answer"]


@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_from_upload_to_deletion(installation: Installation) -> None:
    admin = installation.caller(InstallationRole.ADMIN)
    _, collection = admin.ask("POST", "/api/v1/collections", {"name": "Leases"})
    editor = installation.caller(InstallationRole.MEMBER, collection["id"], CollectionRole.EDITOR)
    reader = installation.caller(InstallationRole.MEMBER, collection["id"], CollectionRole.READER)
    stranger = installation.caller(InstallationRole.MEMBER)

    # Upload, read, search, ask.
    document = editor.upload(collection["id"], "lease.txt", b"The notice period is three months.")
    eventually(partial(is_ready, editor, document))
    eventually(partial(shows, reader, "notice period", "lease.txt"))
    assert says(reader, "three months")

    # Access: who does not belong sees nothing, who reads changes nothing.
    assert stranger.ask("GET", f"/api/v1/documents/{document}")[0] == 404
    assert shows(stranger, "notice period", None)
    assert not says(stranger, "three months")
    assert reader.ask("DELETE", f"/api/v1/documents/{document}")[0] == 403

    # Replace: the new version answers, the old one no longer does.
    assert editor.upload(collection["id"], "lease.txt", b"The notice period is six weeks.") == document
    eventually(partial(says, reader, "six weeks"))
    assert not says(reader, "three months")

    survive_a_lost_worker(installation, editor, collection["id"])

    # Delete: gone at once, the bytes of both versions too.
    sha256 = installation.store.documents.get(document).sha256
    status, receipt = editor.ask("DELETE", f"/api/v1/documents/{document}")
    assert (status, receipt["versions"], len(receipt["files_removed"])) == (200, 2, 2)
    assert not says(reader, "six weeks")
    assert not installation.store.files.path(sha256).exists()

    # Every program ends when told to.
    for child in installation.children.values():
        child.signal(signal.SIGTERM)
    for child in installation.children.values():
        eventually(partial(has_ended, child), 5)


def survive_a_lost_worker(installation: Installation, editor: Caller, collection_id: str) -> None:
    """Kill the worker while it embeds: the sweep finds the job, and another worker reads the document once."""
    document = editor.upload(collection_id, "long.txt", text(500))
    eventually(partial(reaches, editor, document, "embedding"))
    kill(installation.children["ingest"].pid)
    installation.start("ingest")
    eventually(partial(is_ready, editor, document), 60)
    found = installation.store.documents.get(document)
    assert found.job_id is not None
    assert installation.store.jobs.get(found.job_id).attempts > 1
    assert len({one.text for one in installation.store.passages.of_version(found.version_id)}) == found.passages
    eventually(installation.is_ready)


def document_of(caller: Caller, document_id: str) -> dict[str, Any]:
    _, document = caller.ask("GET", f"/api/v1/documents/{document_id}")
    assert document["error"] is None, document
    shown: dict[str, Any] = document
    return shown


def is_ready(caller: Caller, document_id: str) -> bool:
    return bool(document_of(caller, document_id)["status"] == "ready")


def reaches(caller: Caller, document_id: str, stage: str) -> bool:
    return bool(document_of(caller, document_id)["progress"]["stage"] == stage)


def has_ended(child: Child) -> bool:
    assert child.exit_status in {None, 0}
    return child.exit_status == 0
