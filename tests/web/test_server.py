"""The real server process at the level of sockets: bodies that are too large, refused, late, cut off or lie."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.settings import ROOT, Settings, child_environment, load_settings
from core.storage.people import Credential
from core.storage.store import Store
from core.values import InstallationRole
from tests.processes import free_port

MIB = 1024 * 1024
_CHUNK = b"x" * MIB
_ANSWERS_WITHIN = 60


class Served:
    """A running server with a key and a collection."""

    def __init__(self, data: Path) -> None:
        self.settings = load_settings(
            data=data, port=free_port(), silent_seconds=1, max_file_bytes=10 * MIB, web_threads=8
        )
        self.process = _start(self.settings)
        self.store = Store(self.settings)
        admin = self.store.people.add("admin@example.org", InstallationRole.ADMIN)
        self.key = self.store.people.issue(admin.id, Credential.API_KEY)
        self.collection_id = self.store.collections.create("Papers").id
        self.upload_path = f"/api/v1/collections/{self.collection_id}/documents"

    def connect(self) -> "Wire":
        """A new connection."""
        return Wire(socket.create_connection(("127.0.0.1", self.settings.port), timeout=_ANSWERS_WITHIN), self.key)

    def close(self) -> None:
        """Stop the server."""
        self.store.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)


class Wire:
    """One connection, byte by byte."""

    def __init__(self, connection: socket.socket, key: str) -> None:
        self.socket = connection
        self._key = key
        self._file = connection.makefile("rb")

    def begin(self, method: str, path: str, *headers: str, key: str | None = None) -> None:
        """Send the head of a request."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key or self._key}", *headers]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def answer(self) -> tuple[int, Any]:
        """Status and JSON of the next reply."""
        status, headers = self.head()
        body = self._file.read(int(headers["content-length"]))
        return status, json.loads(body)

    def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next reply."""
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers

    def is_usable(self) -> bool:
        """Whether the connection takes another request."""
        self.begin("GET", "/healthz")
        return self.answer() == (200, {"status": "ok"})


def _start(settings: Settings) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "web.server"], cwd=ROOT, env=child_environment(settings), stderr=subprocess.DEVNULL
    )
    for _ in range(600):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", settings.port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return process


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server that these tests share."""
    one = Served(tmp_path_factory.mktemp("served") / "data")
    yield one
    one.close()


@pytest.fixture
def wire(served: Served) -> Iterator[Wire]:
    """A connection to it."""
    one = served.connect()
    yield one
    one.socket.close()


def test_a_json_body_of_200_mb_gets_its_413_on_a_living_connection(wire: Wire) -> None:
    wire.begin("POST", "/api/v1/search", "Content-Type: application/json", f"Content-Length: {200 * MIB}")
    for _ in range(200):
        wire.socket.sendall(_CHUNK)
    status, problem = wire.answer()
    assert (status, problem["code"]) == (413, "too_large")
    assert wire.is_usable()


def test_a_chunked_json_body_without_end_gets_its_413(wire: Wire) -> None:
    wire.begin("POST", "/api/v1/search", "Content-Type: application/json", "Transfer-Encoding: chunked")
    for _ in range(20):
        wire.socket.sendall(b"%x\r\n%s\r\n" % (MIB, _CHUNK))
    wire.socket.sendall(b"0\r\n\r\n")
    status, problem = wire.answer()
    assert (status, problem["code"]) == (413, "too_large")
    assert wire.is_usable()


def test_a_wrong_key_with_20_mb_gets_its_401(served: Served, wire: Wire) -> None:
    for path in (served.upload_path, "/api/v1/search", "/nowhere"):
        wire.begin("POST", path, "Content-Type: application/json", f"Content-Length: {20 * MIB}", key="wrong")
        for _ in range(20):
            wire.socket.sendall(_CHUNK)
        status, problem = wire.answer()
        assert (status, problem["code"]) == (401, "not_signed_in")
    assert wire.is_usable()


def test_a_file_of_200_mb_is_refused_beside_its_neighbours(served: Served, wire: Wire) -> None:
    boundary, names = uuid4().hex, ("first.txt", "huge.txt", "last.txt")
    heads = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        for name in names
    ]
    end = f"\r\n--{boundary}--\r\n".encode()
    length = sum(map(len, heads)) + 200 * MIB + 2 * 5 + 2 * 2 + len(end)
    wire.begin(
        "POST",
        served.upload_path,
        f"Content-Type: multipart/form-data; boundary={boundary}",
        f"Content-Length: {length}",
    )
    wire.socket.sendall(heads[0] + b"first\r\n" + heads[1])
    for _ in range(200):
        wire.socket.sendall(_CHUNK)
    wire.socket.sendall(b"\r\n" + heads[2] + b"third" + end)
    status, result = wire.answer()
    assert status == 202
    first, huge, last = result["documents"]
    assert (first["filename"], last["filename"]) == (names[0], names[2])
    assert first["job_id"] and last["job_id"]
    assert huge["id"] is None and huge["error"]["code"] == "too_large"
    assert served.store.files.leftovers() == []
    assert wire.is_usable()


def test_a_body_that_falls_silent_gets_its_408(served: Served, wire: Wire) -> None:
    wire.begin("POST", "/api/v1/search", "Content-Type: application/json", "Content-Length: 100")
    wire.socket.sendall(b'{"query"')
    assert wire.answer()[0] == 408


def test_a_refused_body_that_trickles_does_not_hold_a_thread(wire: Wire) -> None:
    wire.begin("POST", "/api/v1/search", "Content-Type: application/json", f"Content-Length: {MIB}", key="wrong")
    wire.socket.settimeout(0.3)
    for _ in range(30):
        wire.socket.sendall(b" ")
        with contextlib.suppress(TimeoutError):
            if wire.socket.recv(1, socket.MSG_PEEK):
                break
    wire.socket.settimeout(_ANSWERS_WITHIN)
    assert wire.answer()[0] == 401


def test_an_upload_that_breaks_off_stores_nothing(served: Served, wire: Wire) -> None:
    before = served.store.documents.page(served.collection_id)
    wire.begin(
        "POST", served.upload_path, "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {20 * MIB}"
    )
    wire.socket.sendall(b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf')
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.answer()[0] == 400
    assert served.store.documents.page(served.collection_id) == before
    assert served.store.files.leftovers() == []


def test_a_head_that_never_ends_does_not_hold_a_thread(served: Served) -> None:
    held = [served.connect() for _ in range(served.settings.web_threads)]
    for wire in held:
        wire.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    other = served.connect()
    assert other.is_usable()
    for wire in [*held, other]:
        wire.socket.close()


def test_a_body_longer_than_announced_ends_the_connection(wire: Wire) -> None:
    wire.begin("POST", "/api/v1/collections", "Content-Type: application/json", "Content-Length: 2")
    wire.socket.sendall(b"{}garbage after the body\r\n\r\n")
    assert wire.answer()[0] == 400
    status, _ = wire.head()
    assert status == 400


def test_who_waits_to_be_told_to_go_on_is_told(wire: Wire) -> None:
    body = json.dumps({"name": uuid4().hex}).encode()
    wire.begin(
        "POST",
        "/api/v1/collections",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
    )
    assert wire.head()[0] == 100
    wire.socket.sendall(body)
    assert wire.answer()[0] == 201


@pytest.mark.parametrize("header", ["X-Long: " + "x" * 20_000, *["\r\n".join(f"X-{n}: x" for n in range(200))]])
def test_heads_are_bounded(wire: Wire, header: str) -> None:
    wire.begin("GET", "/healthz", header)
    assert wire.head()[0] in {400, 431}


def test_foreign_host_names_are_refused(served: Served, wire: Wire) -> None:
    wire.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert wire.answer()[0] == 400


def test_sigterm_ends_it_while_a_request_is_under_way(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data", port=free_port())
    process = _start(settings)
    with socket.create_connection(("127.0.0.1", settings.port)) as connection:
        connection.sendall(b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(4) == 0


def test_without_a_database_it_ends_instead_of_starting_for_ever(tmp_path: Path) -> None:
    settings = load_settings(
        data=tmp_path / "data", port=free_port(), database_url="postgresql://nobody@127.0.0.1:9/nothing"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "web.server"], cwd=ROOT, env=child_environment(settings), stderr=subprocess.DEVNULL
    )
    try:
        assert process.wait(30) not in {0, None}
    finally:
        process.kill()
