"""Stands before a real model's server and breaks some of the answers, as networks and servers do; counts the rest."""

import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from tests.llm.rude_server import Manner, RudeServer, hang, replying, reset, said, streaming

FAULTS: dict[str, Manner] = {
    "500": replying(500, b'{"error": "out of memory"}'),
    "429": replying(429, b"{}", "Content-Type: application/json\r\nRetry-After: 1"),
    "reset": reset,
    "broken off": streaming(said("The no"), then=reset),
    "hang": hang,
    "invalid json": streaming(b'data: {"choices": [{"delta": {"con\n\n'),
}


class FaultyProxy:
    """A server of the same interface. `most` is how many answers it was asked for at the same time at most."""

    def __init__(
        self,
        upstream: str,
        fault: Callable[[int], str | None],
        spared: Callable[[str], bool] = lambda _request: False,
    ) -> None:
        """`fault` says what becomes of the answer with this number, None for what the server says; requests that are
        `spared` are neither broken nor numbered.
        """
        where = urlsplit(upstream)
        self._upstream = (str(where.hostname), int(where.port or 80))
        self._fault = fault
        self._spared = spared
        self._lock = threading.Lock()
        self._open = self.most = 0
        self.outcomes: Counter[str] = Counter()
        self._server = RudeServer(self._serve)

    @property
    def url(self) -> str:
        """Its base address."""
        return self._server.url

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()

    def forget(self) -> None:
        """Count anew."""
        with self._lock:
            self.most = self._open
            self.outcomes.clear()

    def _serve(self, connection: socket.socket, request: str) -> None:
        if not request.startswith("POST") or "/completions" not in request.partition("\r\n")[0]:
            self._forward(connection, request)
            return
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
            spared = self._spared(request)
            fault = None if spared else self._fault(self.outcomes.total())
            self.outcomes.update([] if spared else [fault or "answered"])
        try:
            if fault is None:
                self._forward(connection, request)
            else:
                FAULTS[fault](connection, request)
        finally:
            with self._lock:
                self._open -= 1

    def _forward(self, connection: socket.socket, request: str) -> None:
        head, _, body = request.partition("\r\n\r\n")
        lines = [line for line in head.split("\r\n") if not line.lower().startswith(("connection:", "host:"))]
        host = "{}:{}".format(*self._upstream)
        asked = "\r\n".join([lines[0], f"Host: {host}", "Connection: close", *lines[1:]]) + "\r\n\r\n" + body
        with socket.create_connection(self._upstream) as there:
            there.sendall(asked.encode())
            # Who asks may go away, and the server shall notice.
            watch = threading.Thread(target=_hang_up, args=(connection, there), daemon=True)
            watch.start()
            while data := there.recv(65536):
                connection.sendall(data)


def _hang_up(connection: socket.socket, there: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(1024):
            continue
        there.shutdown(socket.SHUT_RDWR)


def now_and_then(share: float, kinds: Sequence[str], seed: int) -> Callable[[int], str | None]:
    """One answer in so many as make this share gets a fault, of each kind in turn; the same ones for the same seed."""
    rng, every = random.Random(seed), round(1 / share)
    chosen: dict[int, int] = {}

    def fault(number: int) -> str | None:
        block, place = divmod(number, every)
        chosen.setdefault(block, rng.randrange(every))
        return kinds[block % len(kinds)] if chosen[block] == place else None

    return fault
