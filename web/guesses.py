"""How often the wrong password may be given for a document, counted in this process."""

import threading
import time
from collections import OrderedDict

from core.errors import TooManyRequests

_MOST_WRONG = 5
_PAUSE_SECONDS = 60.0
_MOST_KEPT = 10_000


class Guesses:
    """Counts passwords by document before they are tried, so that many at once are no way around it. Thread-safe.

    A right one, or a minute without any, clears them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tried: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def count(self, document_id: str) -> None:
        """Count a password that is about to be tried. Raises `TooManyRequests` after too many."""
        with self._lock:
            tried, at = self._tried.pop(document_id, (0, 0.0))
            left = at + _PAUSE_SECONDS - time.monotonic()
            if left <= 0:
                tried = 0
            elif tried >= _MOST_WRONG:
                self._tried[document_id] = tried, at
                text = "Too many wrong passwords were given for this document. Wait a minute."
                raise TooManyRequests(text, retry_after=int(left) + 1)
            self._tried[document_id] = tried + 1, time.monotonic()
            if len(self._tried) > _MOST_KEPT:
                self._tried.popitem(last=False)

    def right(self, document_id: str) -> None:
        """Forget what was tried before the right password."""
        with self._lock:
            self._tried.pop(document_id, None)
