"""Counts the decisions of this process, for the metrics; the log itself is in the database."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from core.storage.chain import Entry

# Point, category (empty where nothing was found) and action.
Kind = tuple[str, str, str]


class Tally:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Kind] = Counter()

    def add(self, entries: Iterable[Entry]) -> None:
        """Count decisions."""
        with self._lock:
            self._counts.update((entry.point, entry.category, entry.action) for entry in entries)

    def counts(self) -> Mapping[Kind, int]:
        """How many there have been of each kind."""
        with self._lock:
            return dict(self._counts)
