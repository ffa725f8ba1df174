"""How many requests of batch work a process has at the model's server at once: as many as the server keeps up with.

One more after every round that went well, half as many when the server fails, is busy or has become slow: additive
increase, multiplicative decrease, as congestion control does (RFC 5681). Each process finds out for itself, within what
`llm.turns` lets all of them have together.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import ModelUnavailable
from llm.line import Priority

_LESS = 0.5
# A request may take so many times as long as one that has the server to itself. A person's question is one more, and
# shall take at most half as long again.
_SLOWER = 1.25
# A round has so many answers at least, since a few say little of a pace; and so many times as many before as many
# requests are tried again as were too many the last time.
_ROUND = 4
_CAREFUL = 8
# How much the latest answer weighs.
_LATEST = 0.3
# A prompt is read so many times as fast as an answer is written, more or less.
_READS_FASTER = 20
_LOOK_SECONDS = 0.5
_PATIENCE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Trip:
    """A request: after how many decreases it began, and whether there was no room for another one."""

    epoch: int
    batch: bool
    full: bool


class Width:
    """Lets requests through, people's always. Thread-safe; a thread that is through already is not held up again."""

    def __init__(self, most: int, check: Callable[[], None]) -> None:
        """`check` raises when waiting is of no use."""
        self._most = max(1, most)
        self._check = check
        self._changed = threading.Condition()
        self._now = 1
        self._epoch = 0
        self._answered = 0
        self._too_many = 0
        self._inside: dict[int, Priority] = {}
        # Seconds for a letter: of late, and when a request has the server to itself.
        self._pace = 0.0
        self._alone = 0.0

    @property
    def now(self) -> int:
        """How many requests may be there at once."""
        return self._now

    @contextmanager
    def place(self, priority: Priority) -> Iterator[Trip]:
        """Hold a place, once there is one.

        Raises `ModelUnavailable` when that takes an hour, and what `check` raises.
        """
        thread, until = threading.get_ident(), time.monotonic() + _PATIENCE_SECONDS
        if thread in self._inside:
            # It must not wait for itself.
            yield Trip(-1, batch=False, full=False)
            return
        batch = priority is Priority.BATCH
        with self._changed:
            while batch and self._busy() >= self._now:
                self._check()
                if time.monotonic() > until:
                    raise ModelUnavailable("The language model has too much other work. Try again later.")
                self._changed.wait(_LOOK_SECONDS)
            self._inside[thread] = priority
            trip = Trip(self._epoch, batch, batch and self._busy() >= self._now)
        try:
            yield trip
        finally:
            with self._changed:
                del self._inside[thread]
                self._changed.notify_all()

    def worked(self, trip: Trip, seconds: float, *, read: int, written: int) -> None:
        """A request was answered in so much time: so many letters of a prompt, so many of an answer."""
        if not trip.batch or trip.epoch != self._epoch:
            return
        pace = seconds / (max(1, written) + read / _READS_FASTER)
        with self._changed:
            self._pace = (1 - _LATEST) * self._pace + _LATEST * pace if self._pace else pace
            self._alone = self._pace if self._now == 1 else min(self._alone, self._pace)
            self._answered += trip.full
            if self._pace > _SLOWER * self._alone:
                self._shrink()
            elif self._answered >= self._round() and self._now < self._most:
                self._now += 1
                self._answered = 0
                self._changed.notify_all()

    def failed(self, trip: Trip) -> None:
        """The server failed, was too busy or too slow for a request."""
        with self._changed:
            # What began before the last decrease says nothing new.
            if trip.epoch == self._epoch:
                self._shrink()

    def _busy(self) -> int:
        return sum(one is Priority.BATCH for one in self._inside.values())

    def _round(self) -> int:
        careful = self._now + 1 == self._too_many
        return max(_ROUND, self._now) * (_CAREFUL if careful else 1)

    def _shrink(self) -> None:
        self._epoch += 1
        self._answered = 0
        self._pace = 0.0
        self._too_many = self._now if self._now > 1 else 0
        self._now = max(1, int(self._now * _LESS))
