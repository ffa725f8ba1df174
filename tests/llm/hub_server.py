"""A stand-in of the Hugging Face hub: a real server that speaks its wire format, and misbehaves when told to."""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

REVISION = "0123456789abcdef0123456789abcdef01234567"
_LARGE = 10_000


@dataclass
class Repository:
    """Files by name. `gated` ones want the token; `cut_after` bytes of a large file the connection breaks, as often as
    `cuts` says; `stall_after` bytes nothing more comes; `spoil` as many replies have a wrong byte."""

    files: dict[str, bytes]
    card: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    cut_after: int = 0
    cuts: int = 0
    stall_after: int = 0
    spoil: int = 0
    ranges: bool = True
    claims: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    range: str
    authorised: bool


class HubServer:
    """Repositories on a port of this machine; `asked` has every request."""

    token = "hf_right"

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.asked: list[Asked] = []
        self.status = 0
        self.ending = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def elsewhere(self) -> str:
        """The same under another host's name, which large files come from."""
        return f"http://localhost:{self._server.server_port}"

    def close(self) -> None:
        """End it."""
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def do_GET(self) -> None:
        """Answer."""
        path, authorised = urlsplit(self.path).path, self.headers.get("Authorization") == f"Bearer {self.hub.token}"
        self.hub.asked.append(Asked(self.command, path, self.headers.get("Range", ""), authorised))
        if self.hub.status:
            self._send(self.hub.status, b"{}")
        elif path.startswith("/api/models/"):
            self._describe(path.removeprefix("/api/models/"))
        elif path.startswith("/cdn/"):
            owner, name, file = path.removeprefix("/cdn/").split("/", 2)
            self._content(self.hub.repositories[f"{owner}/{name}"], file)
        else:
            self._resolve(path, authorised)

    def _describe(self, path: str) -> None:
        name, _, revision = path.partition("/revision/")
        repository = self.hub.repositories.get(name)
        if repository is None:
            self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif revision not in {"", "main", REVISION}:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [self._sibling(repository, *one) for one in repository.files.items()]
            told = {"id": name, "sha": REVISION, "gated": "manual" if repository.gated else False}
            self._send(200, json.dumps({**told, "cardData": repository.card, "siblings": siblings}).encode())

    def _sibling(self, repository: Repository, name: str, data: bytes) -> dict[str, Any]:
        size = repository.claims.get(name, len(data))
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        found: dict[str, Any] = {"rfilename": name, "size": size, "blobId": blob}
        if len(data) > _LARGE:
            found["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 134}
        return found

    def _resolve(self, path: str, authorised: bool) -> None:
        owner, name, _, revision, file = path.removeprefix("/").split("/", 4)
        repository = self.hub.repositories[f"{owner}/{name}"]
        if repository.gated and not authorised:
            code = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this model is restricted."}
            self._send(401, b"Access to this model is restricted.", code)
        elif file not in repository.files or revision != REVISION:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
        elif len(repository.files[file]) > _LARGE:
            self._send(302, b"", {"Location": f"{self.hub.elsewhere}/cdn/{owner}/{name}/{file}"})
        else:
            self._content(repository, file)

    def _content(self, repository: Repository, file: str) -> None:
        data, wanted = repository.files[file], self.headers.get("Range", "")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and repository.ranges else 0
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        body = data[start:]
        if repository.spoil and len(data) > _LARGE:
            repository.spoil -= 1
            body = body[:-1] + bytes([body[-1] ^ 1])
        cut = repository.cut_after if repository.cuts and len(data) > _LARGE else 0
        stall = repository.stall_after if len(data) > _LARGE else 0
        self.send_response(206 if start else 200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: cut or stall or None])
        self.wfile.flush()
        if cut:
            repository.cuts -= 1
            self.close_connection = True
        elif stall:
            while not self.hub.ending.wait(0.05) and repository.stall_after:
                pass
            self.close_connection = True

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
