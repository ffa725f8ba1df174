"""One parser child seen from its parent: started, asked, killed. Used by one thread, which has to outlive the child."""

import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from core.errors import ParserLimit, Unavailable
from core.settings import ROOT, bare_environment
from ingest.messages import (
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    Message,
    failure_from,
    from_line,
    to_line,
)

_log = logging.getLogger(__name__)

_START_SECONDS = 60.0  # a busy machine with cold disks
_LOOK_SECONDS = 0.1  # how often a waiting parent looks whether the answer is still wanted
_READ_BYTES = 1024 * 1024
_LAST_MESSAGES = frozenset({"opened", "done", "png", "ready", "failed"})


@dataclass(frozen=True, slots=True)
class ChildKind:
    """What a child is started with; `too_long` is what a person reads whose document took more time than allowed."""

    memory_mb: int
    too_long: str
    environment: Mapping[str, str] = field(default_factory=dict)


class ChildDied(Exception):
    """The child ended, or answered nonsense, before its answer was complete."""


class ChildProcess:
    """A running `python -m ingest.child`. Raises `Unavailable` when it does not start."""

    def __init__(self, kind: ChildKind) -> None:
        self._kind = kind
        self.documents = 0
        command = [sys.executable, "-m", "ingest.child", str(os.getpid()), str(kind.memory_mb)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=bare_environment(**kind.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._requests = _pipe(self._process.stdin)
        self._replies = _pipe(self._process.stdout)
        self._poll = select.poll()
        self._poll.register(self._replies, select.POLLIN)
        self._unread = bytearray()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait for its first words. Raises `Unavailable`."""
        try:
            (ready,) = self._receive(_START_SECONDS, lambda _: True)
        except (ChildDied, ParserLimit) as error:
            raise Unavailable("The process that reads documents does not start. Try again later.") from error
        for what in ready["ready"]["missing"]:
            _log.warning("parser child: this machine does not allow to confine the %s", what)

    def ask(self, request: Message, seconds: float, on_pages: Callable[[int], bool]) -> list[Message]:
        """Send the request and return the messages of the answer.

        `on_pages` is told how many pages are read, or -1 now and then, and says whether the answer is still wanted.
        Raises the failure that the child reports, `ParserLimit` after `seconds`, `ChildDied`. After any of these but
        a reported failure the child is of no more use.
        """
        if request["do"] != "read":
            self.documents += 1
        line = to_line(request)
        if len(line) > MAX_REQUEST_BYTES:
            raise ValueError("a request has to fit into the pipe at once, or a child that hangs would block its parent")
        try:
            self._requests.write(line)
            self._requests.flush()
        except OSError as error:
            raise ChildDied from error
        return self._receive(seconds, on_pages)

    def kill(self) -> None:
        """End it at once. May be called from any thread and more than once."""
        if self._process.poll() is None:
            self._process.kill()

    def clean_up(self) -> None:
        """End it, wait until it has ended and close the pipes. For the thread that owns it."""
        self.kill()
        self._process.wait()
        self._replies.close()
        try:
            self._requests.close()
        except OSError:  # it still held a request that nobody can take any more
            _log.debug("parser child %d ended with a request unread", self.pid)

    def how_it_ended(self) -> str:
        """The reason why it died, in words."""
        self.kill()
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return "it used up its time"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"

    def _receive(self, seconds: float, on_pages: Callable[[int], bool]) -> list[Message]:
        deadline = time.monotonic() + seconds
        messages: list[Message] = []
        received = 0
        while True:
            line = self._line(deadline, on_pages)
            received += len(line)
            if received > MAX_REPLY_BYTES:
                raise ParserLimit("The document's text takes too much room. Split it into parts.")
            try:
                message = from_line(line)
                read = int(message.get("read", -1))
            except (TypeError, ValueError) as error:
                raise ChildDied from error
            if "failed" in message:
                raise failure_from(message)
            if read >= 0:
                on_pages(read)
                continue
            messages.append(message)
            if not _LAST_MESSAGES.isdisjoint(message):
                return messages

    def _line(self, deadline: float, on_pages: Callable[[int], bool]) -> bytes:
        looked_until = 0
        while (end := self._unread.find(b"\n", looked_until)) < 0:
            looked_until = len(self._unread)
            if looked_until > MAX_REPLY_BYTES:
                raise ParserLimit("The document's text takes too much room. Split it into parts.")
            self._fill(deadline, on_pages)
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line

    def _fill(self, deadline: float, on_pages: Callable[[int], bool]) -> None:
        while not self._poll.poll(_LOOK_SECONDS * 1000):
            if not on_pages(-1):
                raise ChildDied
            if time.monotonic() > deadline:
                raise ParserLimit(self._kind.too_long)
        data = os.read(self._replies.fileno(), _READ_BYTES)
        if not data:
            raise ChildDied
        self._unread += data


def _pipe(stream: object) -> BinaryIO:
    assert stream is not None  # Popen was told to make pipes
    return stream  # type: ignore[return-value]
