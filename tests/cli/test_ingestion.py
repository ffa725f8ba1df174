"""Jobs of a command that other workers work too."""

import threading
from collections.abc import Sequence

from cli.ingestion import Ingestion
from core.settings import Settings, load_settings
from core.storage.store import Store
from core.values import DocumentStatus, Failure, Job, JobState
from tests import factories


def ignore(_jobs: Sequence[Job]) -> None:
    return


def test_a_job_that_another_worker_holds_is_waited_for(settings: Settings, store: Store) -> None:
    uploaded = factories.upload(store)
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    assert uploaded.job_id is not None
    seen: list[JobState] = []

    def look(jobs: Sequence[Job]) -> None:
        seen.extend(job.state for job in jobs)
        if len(seen) == 2:
            store.documents.end_unread(lease, uploaded.document.version_id, Failure("corrupt", "It is damaged."))

    with Ingestion(settings, store) as ingestion:
        ingestion.submit(uploaded.job_id)
        ingestion.wait(look)

    assert seen == [JobState.RUNNING, JobState.RUNNING, JobState.FAILED]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ingestion-")]


def test_a_job_that_another_worker_lost_is_taken_up(settings: Settings) -> None:
    short = load_settings(data=settings.data, lease_seconds=1.0, heartbeat_seconds=0.3)
    store = Store(short)
    uploaded = factories.upload(store)
    assert store.jobs.lease("ingest", uploaded.job_id) is not None
    assert uploaded.job_id is not None

    with Ingestion(short, store) as ingestion:
        ingestion.submit(uploaded.job_id)
        ingestion.wait(ignore)

    assert store.documents.get(uploaded.document.id).status is DocumentStatus.READY
    store.close()


def test_without_jobs_there_is_nothing_to_wait_for(settings: Settings, store: Store) -> None:
    before = threading.active_count()

    with Ingestion(settings, store) as ingestion:
        ingestion.wait(ignore)

    assert threading.active_count() == before
