"""How often the wrong password may be given for a document, counted in this process."""

import threading
import time
from collections import OrderedDict

from core.errors import TooManyRequests

_MOST_WRONG = 5
_PAUSE_SECONDS = 60.0
_MOST_KEPT = 10_000


class Guesses:
    """Counts wrong passwords by document; a right one, or a minute without any, clears them. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def check(self, document_id: str) -> None:
        """Raise `TooManyRequests` after too many wrong passwords."""
        with self._lock:
            wrong, at = self._wrong.get(document_id, (0, 0.0))
            left = at + _PAUSE_SECONDS - time.monotonic()
            if left <= 0:
                self._wrong.pop(document_id, None)
            elif wrong >= _MOST_WRONG:
                text = "Too many wrong passwords were given for this document. Wait a minute."
                raise TooManyRequests(text, retry_after=int(left) + 1)

    def wrong(self, document_id: str) -> None:
        """Count a wrong password."""
        with self._lock:
            wrong, _ = self._wrong.pop(document_id, (0, 0.0))
            self._wrong[document_id] = wrong + 1, time.monotonic()
            if len(self._wrong) > _MOST_KEPT:
                self._wrong.popitem(last=False)
