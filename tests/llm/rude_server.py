"""A model's server that misbehaves as told: it accepts a connection, reads a request, and does what the test says."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Manner = Callable[[socket.socket, str], None]

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class RudeServer:
    """Where it listens, what it was asked, and how many connections are open."""

    def __init__(self, manner: Manner, *, at_once: bool = False) -> None:
        self._manner = manner
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._at_once = at_once
        self.requests: list[str] = []
        self.open = 0
        self.closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def close(self) -> None:
        """Listen no longer, and let whoever is being served go."""
        self.closing.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self.open += 1
        with connection:
            try:
                request = "" if self._at_once else _read(connection)
                self.requests.append(request)
                self._manner(connection, request)
            except OSError:
                pass  # the client went away, as it may
            finally:
                self.open -= 1


@contextmanager
def served(manner: Manner, *, at_once: bool = False) -> Iterator[RudeServer]:
    """A server of this manner; `at_once` leaves reading the request to it."""
    server = RudeServer(manner, at_once=at_once)
    try:
        yield server
    finally:
        server.close()


def replying(status: int, body: bytes, headers: str = "Content-Type: application/json") -> Manner:
    """Answers everything like this."""

    def manner(connection: socket.socket, _request: str) -> None:
        head = f"HTTP/1.1 {status} X\r\n{headers}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return manner


def streaming(*chunks: bytes, pause: float = 0.0, then: Manner | None = None) -> Manner:
    """Streams these chunks to whoever asks for an answer."""

    def manner(connection: socket.socket, request: str) -> None:
        connection.sendall(STREAM)
        for chunk in chunks:
            connection.sendall(chunk)
            time.sleep(pause)
        if then is not None:
            then(connection, request)

    return manner


def for_ever(chunk: bytes, pause: float) -> Manner:
    """Sends the same again and again, until the client goes away."""

    def manner(connection: socket.socket, _request: str) -> None:
        while True:
            connection.sendall(chunk)
            time.sleep(pause)

    return manner


def hang(connection: socket.socket, _request: str) -> None:
    """Says nothing until the client goes away."""
    while connection.recv(1024):
        continue


def reset(connection: socket.socket, _request: str) -> None:
    """Breaks the connection off."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def said(text: str = "", end: str | None = None) -> bytes:
    """One event of a stream, as such servers send it."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": end}
    chunk = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def _read(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += _received(connection)
    return (head + b"\r\n\r\n" + body).decode()


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError
    return data
