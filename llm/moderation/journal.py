"""Writes decisions down in groups, in the background: nobody who asks waits for the log.

What a process has not written yet is lost with it when it is killed: at most half a second's decisions.
"""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from core.errors import ArchivarError
from core.storage.chain import Entry
from core.storage.decisions import Decisions

GROUP_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
_GROUP = 500
_MOST_WAITING = 10_000
_ENDS_SECONDS = 3.0
# The point of a row that says how many decisions could not be kept.
LOST = "lost"

# What decides later, in the journal's thread, where nobody waits for the outcome.
Later = Callable[[], Sequence[Entry]]

log = logging.getLogger(__name__)


class Journal:
    """Keeps decisions until they are stored. Thread-safe; its thread starts with the first decision."""

    def __init__(self, decisions: Decisions, *, seconds: float = GROUP_SECONDS, most: int = _MOST_WAITING) -> None:
        self._decisions = decisions
        self._seconds = seconds
        self._most = most
        self._changed = threading.Condition()
        self._waiting: deque[Entry | Later] = deque()
        self._writing = 0
        self._lost = 0
        self._hurried = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self.trouble = ""

    def put(self, entries: Sequence[Entry | Later]) -> None:
        """Have decisions stored soon. Where too many wait already they are only counted, and the log will say so."""
        if not entries:
            return
        with self._changed:
            if self._closed or len(self._waiting) + len(entries) > self._most:
                self._lost += len(entries)
                return
            self._waiting.extend(entries)
            if self._thread is None:
                self._start()
            self._changed.notify_all()

    def flush(self, seconds: float = _ENDS_SECONDS) -> bool:
        """Have everything stored now; whether it was within so many seconds."""
        with self._changed:
            self._hurried += 1
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not self._waiting and not self._writing, seconds)
            self._hurried -= 1
            return done

    def close(self) -> None:
        """Store what waits and end."""
        thread = self._thread
        if thread is None:
            return
        if not self.flush():
            log.error("%d decisions of moderation could not be stored. %s", len(self._waiting), self.trouble)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        thread.join(_ENDS_SECONDS)
        atexit.unregister(self.close)

    def _start(self) -> None:
        atexit.register(self.close)
        self._thread = threading.Thread(target=self._run, name="decisions", daemon=True)
        self._thread.start()

    def _replace(self) -> None:
        """This thread is about to end with an error that nobody foresaw; another one goes on."""
        self._thread = None
        if self._waiting:
            self._start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                # What comes within this time goes into the same transaction.
                self._changed.wait_for(lambda: self._closed or self._hurried, self._seconds)
                group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
                self._writing = len(group)
            if not self._stored(group):
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, _AGAIN_SECONDS)

    def _stored(self, group: list[Entry | Later]) -> bool:
        lost = self._lost
        stored = waits = False
        entries: list[Entry] = []
        try:
            for one in group:
                entries += [one] if isinstance(one, Entry) else one()
            self._decisions.append([*([_loss(lost)] if lost else []), *entries])
            stored = True
        except ArchivarError as error:
            waits = True
            if not self.trouble:
                log.error("Decisions of moderation wait to be stored: %s", error)
            self.trouble = error.message
        finally:
            # A group that no database takes must not hold up those after it.
            with self._changed:
                if stored:
                    self.trouble = ""
                    self._lost -= lost
                elif waits:
                    self._waiting.extendleft(reversed(entries or group))
                else:
                    self._lost += len(group)
                    self._replace()
                self._writing = 0
                self._changed.notify_all()
        return stored


def _loss(count: int) -> Entry:
    return Entry(
        at=time.time(),
        request_id="",
        point=LOST,
        action="log",
        detector="",
        policy_version="",
        text_sha256="",
        detail={"decisions": count},
    )
