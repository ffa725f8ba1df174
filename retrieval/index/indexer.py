"""What whoever keeps an index in step with the database can do, and its doing so in the background.

How an index is written is in `local` and `milvus`; `opening` chooses.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path
from threading import Event, Thread

from core.errors import ArchivarError

_INTERVAL_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Indexer(ABC):
    """Writes an index, one process at a time. Thread-safe."""

    def __init__(self) -> None:
        self._stop = Event()
        self._thread: Thread | None = None

    @abstractmethod
    def try_own(self) -> bool:
        """Become the indexer unless another process is; whether this one is now."""

    @abstractmethod
    def catch_up(self) -> int:
        """Write everything that the database says and the index does not; the sequence number reached.

        Call it as the indexer, that is after `try_own` said yes.
        """

    @abstractmethod
    def rebuild(self) -> int:
        """Make the index anew from the database; the sequence number reached."""

    @abstractmethod
    def check(self) -> list[str]:
        """What is wrong with the index, in words; nothing when it holds what the database says."""

    @abstractmethod
    def remains(self, document_ids: Collection[str]) -> int:
        """How many of these documents, which were deleted, are still written in the index, hidden or not."""

    def purge(self) -> None:
        """As the indexer, catch up and write the index anew where something that was deleted is left in it."""
        self.catch_up()

    def _renew_some(self) -> None:
        """A little of that, in the background."""
        return

    def leftovers(self) -> list[Path]:
        """Files and folders that a cut-off write has left behind; look at their age, for one may be under way."""
        return []

    @abstractmethod
    def shown(self) -> int:
        """The last change that the index shows, 0 when nothing is there."""

    @abstractmethod
    def passages(self) -> int:
        """How many passages are in the index."""

    @abstractmethod
    def _let_go(self) -> None:
        """Let another process become the indexer."""

    @abstractmethod
    def _begin_again(self) -> None:
        """Forget what may be wrong after a failure."""

    def start(self) -> None:
        """Do all this in the background until `close`: become the indexer as soon as nobody else is."""
        self._thread = Thread(target=self._run, name="indexer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and let another process become the indexer."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._let_go()

    def _run(self) -> None:
        said = ""
        while not self._stop.wait(_INTERVAL_SECONDS):
            try:
                if self.try_own():
                    self.catch_up()
                    self._renew_some()
                said = ""
            except (ArchivarError, OSError, ValueError) as error:
                if str(error) != said:
                    _log.warning("Indexing goes on in a moment: %s", error)
                said = str(error)
                self._begin_again()
