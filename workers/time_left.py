"""How long the rest of a run takes, judged by what is done of it and by how fast its writer used to be."""

import threading
import time
from collections.abc import Callable, Mapping

# What was measured before weighs as much as this share of a run.
_BEFORE = 0.05
# Fewer passages say nothing of a pace.
_FEWEST = 20


class TimeLeft:
    """Told which documents are done, and how much of those that are not. Thread-safe."""

    def __init__(
        self,
        passages: Mapping[str, int],
        pace: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`passages` of each document that is left; `pace` in passages a second, None where none was measured."""
        # A document without passages takes a moment, too.
        self._left = {document_id: float(max(1, count)) for document_id, count in passages.items()}
        self._all = sum(self._left.values())
        self._pace = pace
        self._clock = clock
        self._began = clock()
        self._parts: dict[str, float] = {}
        self._written = 0.0
        self._lock = threading.Lock()

    def part(self, document_id: str, done: int, total: int) -> None:
        """So much of a document is done."""
        with self._lock:
            self._parts[document_id] = done / total if total else 0.0

    def end(self, document_id: str, *, written: bool) -> None:
        """A document is done; `written` unless nothing had to be."""
        with self._lock:
            passages = self._left.pop(document_id, 0.0)
            self._parts.pop(document_id, None)
            if written:
                self._written += passages

    @property
    def seconds(self) -> float | None:
        """What is left, None while nothing is known."""
        with self._lock:
            left = sum(count * (1 - self._parts.get(one, 0.0)) for one, count in self._left.items())
            done = self._written + sum(self._left.get(one, 0.0) * share for one, share in self._parts.items())
            taken = self._clock() - self._began
            if self._pace:
                before = _BEFORE * self._all
                done, taken = done + before, taken + before / self._pace
        if not left:
            return 0.0
        return round(left * taken / done, 1) if done else None

    @property
    def measured(self) -> tuple[int, float] | None:
        """Passages that were written and the seconds that it took, None where they say nothing."""
        with self._lock:
            if self._written < _FEWEST:
                return None
            return round(self._written), self._clock() - self._began
