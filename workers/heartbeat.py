"""Keeps a lease while work goes on, shows its progress, and tells the work when the lease is gone."""

import logging
import threading
import time
from types import TracebackType

from core.errors import LeaseLost, StorageFull, Unavailable
from core.storage.jobs import Jobs
from core.values import Lease, Progress

# A new stage is shown at once and steps within one every second, but never more often than this.
_LEAST_GAP = 0.25
_STEP_GAP = 1.0

log = logging.getLogger(__name__)


class Heartbeat:
    """A context in which a lease is kept; work calls `report`, which raises `LeaseLost` when it must stop."""

    def __init__(self, jobs: Jobs, lease: Lease, seconds: float) -> None:
        self._jobs = jobs
        self._lease = lease
        self._seconds = min(seconds, lease.seconds / 2)
        self._progress = self._written = Progress()
        self._changed = threading.Condition()
        self._ended = False
        self._lost: LeaseLost | None = None
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{lease.job.id[:8]}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def report(self, progress: Progress) -> None:
        """Note how far the work is. Raises `LeaseLost` when another worker has the job, or it was cancelled."""
        with self._changed:
            if self._lost is not None:
                raise self._lost
            news = progress.stage != self._progress.stage
            self._progress = progress
            if news:
                self._changed.notify()

    @property
    def is_lost(self) -> bool:
        """Whether another worker has the job, or it was cancelled."""
        return self._lost is not None

    def lose(self) -> None:
        """Make the work stop at its next report, as if the lease were lost."""
        with self._changed:
            self._lost = self._lost or LeaseLost("The worker is stopping.")

    def _beat(self) -> None:
        written_at = kept_at = time.monotonic()
        while self._wait(written_at):
            written_at = time.monotonic()
            progress = self._progress
            try:
                self._jobs.heartbeat(self._lease, progress)
            except LeaseLost as error:
                self._lost = error
                return
            except (Unavailable, StorageFull) as error:
                log.warning("No sign of life could be given for job %s: %s", self._lease.job.id, error)
                if time.monotonic() - kept_at > self._lease.seconds:
                    self._lost = LeaseLost("The database did not answer for as long as the lease lasts.")
                    return
            else:
                self._written, kept_at = progress, written_at

    def _wait(self, written_at: float) -> bool:
        """Sleep until a sign of life is due; False when the work has ended."""
        with self._changed:
            while not self._ended:
                left = written_at + self._pause() - time.monotonic()
                if left <= 0:
                    return True
                self._changed.wait(min(left, _STEP_GAP))
        return False

    def _pause(self) -> float:
        if self._progress.stage != self._written.stage:
            return min(_LEAST_GAP, self._seconds)
        if self._progress != self._written:
            return min(_STEP_GAP, self._seconds)
        return self._seconds
