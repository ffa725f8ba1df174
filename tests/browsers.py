"""Fixtures: one real Chromium for all tests, for which every foreign host is a listener on this machine."""

import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What Chromium asks its makers for by itself; it has nothing to do with a page.
_OF_THE_BROWSER = (b"google", b"gvt1.com")
_SILENT_SECONDS = 1.0


class Foreign(ThreadingHTTPServer):
    """Every host but this machine's own address; it notes who connects, before anything is said."""

    daemon_threads = True

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Noting)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def note(self, said: bytes) -> None:
        """Keep what a connection began with: a request, or the greeting of TLS, which names the host as well."""
        with self._lock:
            if not any(host in said for host in _OF_THE_BROWSER):
                self.heard.append(said)


class _Noting(BaseHTTPRequestHandler):
    def handle(self) -> None:
        """Note who connects, answer one request; a connection that says nothing has been made all the same."""
        assert isinstance(self.server, Foreign)
        self.connection.settimeout(_SILENT_SECONDS)
        try:
            said = self.connection.recv(4096, socket.MSG_PEEK)
        except OSError:
            said = b""
        self.server.note(said)
        if said.startswith((b"GET ", b"POST ")):
            self.connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        self.close_connection = True


@pytest.fixture(scope="session")
def foreign() -> Iterator[Foreign]:
    """The listener behind every foreign host."""
    listener = Foreign()
    yield listener
    listener.shutdown()
    listener.server_close()


@pytest.fixture(scope="session")
def browser(foreign: Foreign) -> Iterator["Browser"]:
    """A real Chromium, which `.ci/run` installs."""
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, _NAMES)), None)
    assert executable is not None, "These tests need Chromium. Install it and run them again."
    elsewhere = f"--host-resolver-rules=MAP * 127.0.0.1:{foreign.server_port}, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=[*_ARGUMENTS, elsewhere])
        yield started
        started.close()
