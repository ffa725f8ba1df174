"""Works the jobs of one command in this process, beside whatever worker may run elsewhere on the same data."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from core.errors import StorageFull, Unavailable
from core.settings import Settings
from core.storage.store import Store
from core.values import FINAL_JOB_STATES, Job
from workers.ingest_tasks import IngestWorker

_LOOK_SECONDS = 0.25
_TRY_AGAIN_SECONDS = 1.0
_ENDS_WITHIN = 3.0

log = logging.getLogger(__name__)


class Ingestion:
    """Threads that work submitted jobs. A job that a running server took first is waited for instead.

    Nothing is loaded before the first job. Use it as a context: leaving it gives back what has not ended.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._worker = IngestWorker(settings, store)
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._submitted: list[str] = []
        self._at_hand: set[str] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Ingestion":
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()
        for _thread in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(_ENDS_WITHIN)

    @property
    def submitted(self) -> Sequence[str]:
        """Ids of all jobs so far."""
        return self._submitted

    def submit(self, job_id: str) -> None:
        """Work this job as soon as a thread is free."""
        self._submitted.append(job_id)
        self._put(job_id)
        if len(self._threads) < self._settings.worker_threads:
            thread = threading.Thread(target=self._work, name=f"ingestion-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, on_look: Callable[[Sequence[Job]], None], may_go_on: Callable[[], None] = lambda: None) -> None:
        """Return when all jobs have ended; `on_look` is shown how they stand several times a second.

        What `may_go_on` raises before a look ends the waiting.
        """
        tried_at = time.monotonic()
        while True:
            may_go_on()
            jobs = self._store.jobs.several(self._submitted)
            on_look(jobs)
            unfinished = [job.id for job in jobs if job.state not in FINAL_JOB_STATES]
            if not unfinished:
                return
            if time.monotonic() - tried_at > _TRY_AGAIN_SECONDS:
                tried_at = time.monotonic()
                self._try_again(unfinished)
            time.sleep(_LOOK_SECONDS)

    def _try_again(self, job_ids: Sequence[str]) -> None:
        """What was released, or lost by another worker, is taken up; what another worker holds stays with it."""
        self._store.jobs.fail_exhausted()
        for job_id in job_ids:
            if job_id not in self._at_hand:
                self._put(job_id)

    def _put(self, job_id: str) -> None:
        self._at_hand.add(job_id)
        self._queue.put(job_id)

    def _work(self) -> None:
        while (job_id := self._queue.get()) is not None:
            try:
                self._worker.run(job_id)
            except (Unavailable, StorageFull) as error:
                log.warning("Job %s is tried again in a moment: %s", job_id, error)
            finally:
                self._at_hand.discard(job_id)
