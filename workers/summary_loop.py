"""The threads of a worker that work runs of summaries, and the one that looks which schedules are due.

What is due is settled in SQL, so any number of workers may look; one living worker makes progress without any bell.
"""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from core.errors import StorageFull, Unavailable
from workers.summary_tasks import SummaryWorker

# Between two looks, at most: a schedule for every minute has to run within the next one.
LOOK_SECONDS = 10.0
Result = TypeVar("Result")

log = logging.getLogger(__name__)


class SummaryLoop:
    """Runs until `stop`; `ring` tells it that a run waits."""

    def __init__(self, worker: SummaryWorker, *, threads: int, seconds: float) -> None:
        self._worker = worker
        self._seconds = seconds
        self._stopping = threading.Event()
        self._waits = threading.Semaphore(0)
        self._threads = [
            threading.Thread(target=self._work, name=f"summaries-{number}", daemon=True) for number in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._look, name="schedules", daemon=True))

    def start(self) -> None:
        """Begin with a look at what waits."""
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """Tell it that a run waits."""
        self._waits.release()

    def stop(self) -> None:
        """Take nothing more, and give back what is being worked as soon as it notices."""
        self._stopping.set()
        self._worker.stop()
        for _ in self._threads:
            self._waits.release()

    def _look(self) -> None:
        while not self._stopping.is_set():
            for _ in self._tried(self._worker.fire) or ():
                self.ring()
            self._stopping.wait(self._seconds)

    def _work(self) -> None:
        while not self._stopping.is_set():
            while self._tried(self._worker.run):
                pass
            self._waits.acquire(timeout=self._seconds)

    @staticmethod
    def _tried(work: Callable[[], Result]) -> Result | None:
        try:
            return work()
        except (Unavailable, StorageFull) as error:
            log.warning("Summaries could not be looked for: %s", error)
            return None
