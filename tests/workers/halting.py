"""The program `python -m tests.workers.halting JOB STAGE`: a real ingest worker that stands still at one point.

It keeps its lease meanwhile, as a living worker does, so that a test can kill it exactly there.
"""

import sys
import time
from pathlib import Path

import core.storage.passages
import workers.ingest_tasks
from core.settings import Settings, load_settings
from core.storage.store import Store
from core.values import Progress
from workers.heartbeat import Heartbeat
from workers.ingest_tasks import IngestWorker

STAGES = ("leased", "reading", "splitting", "embedding", "publishing", "committing", "superseding")
# Where a document has scanned pages, between reading and splitting.
SCANS = "recognising"


def sign(settings: Settings, job_id: str) -> Path:
    """The file that appears when the worker stands still."""
    return settings.run_dir / f"halted-{job_id}"


def main(job_id: str, stage: str) -> None:
    """Work the job up to the stage."""
    settings = load_settings()

    def halt() -> None:
        sign(settings, job_id).touch()
        time.sleep(3600)

    class Halting(Heartbeat):
        """A heartbeat whose reports end at the stage."""

        def __enter__(self) -> Heartbeat:
            super().__enter__()
            if stage == "leased":
                halt()
            return self

        def report(self, progress: Progress) -> None:
            """Report, and stand still at the stage."""
            super().report(progress)
            if progress.stage == stage:
                halt()

    workers.ingest_tasks.Heartbeat = Halting  # type: ignore[attr-defined]
    if stage == "committing":
        # Everything is written then, and nothing committed.
        core.storage.passages.end_job = lambda *_, **__: halt()  # type: ignore[attr-defined]
    if stage == "superseding":
        core.storage.passages.make_current = lambda *_: halt()  # type: ignore[attr-defined,assignment]
    IngestWorker(settings, Store(settings)).run(job_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
