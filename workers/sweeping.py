"""The sweep: ends jobs whose last attempt was lost, and makes waiting jobs heard again."""

import logging
import threading
from collections.abc import Callable

from core.errors import ArchivarError
from core.storage.jobs import READING, Jobs
from workers.ingest_tasks import IngestWorker

log = logging.getLogger(__name__)


def sweep(jobs: Jobs, ring: Callable[[str], None]) -> None:
    """End what has no attempt left and ring for all that could be taken now. Safe at any time, any number of times."""
    if lost := jobs.fail_exhausted():
        log.warning("%d jobs ended because their worker was lost too often.", lost)
    for job_id in jobs.waiting(READING):
        ring(job_id)


class Sweeper:
    """Sweeps from a thread of the worker, and works what it finds there and then when nobody else does.

    Beat rings for a sweep too, but its message needs beat, Redis and a free seat in the pool. With this thread one
    living worker alone makes progress, whatever else is down.
    """

    def __init__(self, jobs: Jobs, seconds: float, worker: IngestWorker) -> None:
        self._jobs = jobs
        self._seconds = seconds
        self._worker = worker
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._sweep_again_and_again, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin with a sweep right away: jobs may have waited since before this worker."""
        self._thread.start()

    def stop(self) -> None:
        """Sweep no more; a job being worked by this thread is the worker's to give back."""
        self._stopping.set()

    def _sweep_again_and_again(self) -> None:
        while not self._stopping.is_set():
            try:
                sweep(self._jobs, self._work)
            except ArchivarError as error:
                log.warning("The sweep could not look: %s", error)
            self._stopping.wait(self._seconds)

    def _work(self, job_id: str) -> None:
        if not self._stopping.is_set() and not self._worker.is_busy:
            self._worker.run(job_id)
