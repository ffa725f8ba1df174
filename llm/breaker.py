"""Leaves a server that fails again and again alone for a while, so that nobody waits for what will not come.

One for each process: what one process found out costs another three failures of its own, and nothing is shared that
could be wrong for it.
"""

import threading
import time
from collections.abc import Callable
from enum import StrEnum

from core.errors import ModelUnavailable

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0


class State(StrEnum):
    """Whether calls pass: all, none until a pause is over, or one to see how it goes."""

    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


class Breaker:
    """Opens after `failures` in a row, and lets one call try again after 2, 4, 8 … up to 60 seconds."""

    def __init__(self, failures: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed = failures
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._pause = 0.0
        self._until = 0.0
        self._trying: object = None
        self._reason = ""

    @property
    def state(self) -> State:
        """What a call would meet now; `trying` also when it would be the one that tries."""
        with self._lock:
            if not self._pause:
                return State.CLOSED
            return State.OPEN if self._clock() < self._until else State.TRYING

    @property
    def trouble(self) -> str:
        """Why no call passes, for people who look after the server; empty when all do."""
        with self._lock:
            if not self._pause:
                return ""
            left = max(0, round(self._until - self._clock()))
            when = f"tried again in {left} s" if left else "tried again with the next question"
            failures = "1 failure" if self._failed == 1 else f"{self._failed} failures in a row"
            return f"left alone after {failures}, {when}: {self._reason}"

    def check(self) -> None:
        """Raises `ModelUnavailable` when no call passes."""
        with self._lock:
            self._refuse()

    def admit(self) -> "Call":
        """Begin a call; it is a context manager and is told how it went. Raises `ModelUnavailable` when none pass."""
        with self._lock:
            self._refuse()
            call = Call(self)
            if self._pause:
                self._trying = call
            return call

    def end(self, call: "Call", *, worked: bool | None, reason: str, pause: float) -> None:
        """Note how a call went; None when that is not known."""
        with self._lock:
            tried = self._trying is call
            if tried:
                self._trying = None
            if worked:
                self._failed, self._pause = 0, 0.0
            # A call that began before the pause says nothing new.
            elif worked is False and (tried or not self._pause):
                self._failed += 1
                self._reason = reason
                if self._failed >= self._allowed:
                    self._open(pause)

    def _open(self, pause: float) -> None:
        self._pause = min(_LONGEST_PAUSE, max(2 * self._pause, _FIRST_PAUSE, pause))
        self._until = self._clock() + self._pause

    def _refuse(self) -> None:
        left = self._until - self._clock()
        if self._pause and (left > 0 or self._trying is not None):
            raise ModelUnavailable(
                f"The language model failed several times and is left alone for a moment. {self._reason}",
                retry_after=max(1, round(left)),
            )


class Call:
    """One call to the server. Unless told otherwise it ends without saying anything about the server."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._ended = False

    def worked(self) -> None:
        """The server answered as it should."""
        self._end(worked=True)

    def failed(self, reason: str, pause: float = 0.0) -> None:
        """The server failed; it wants to be left alone for at least `pause` seconds, of which at most 60 count."""
        self._end(worked=False, reason=reason, pause=pause)

    def __enter__(self) -> "Call":
        """It has begun already."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is over."""
        self._end(worked=None)

    def _end(self, *, worked: bool | None, reason: str = "", pause: float = 0.0) -> None:
        if not self._ended:
            self._ended = True
            self._breaker.end(self, worked=worked, reason=reason, pause=pause)
