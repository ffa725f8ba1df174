"""Leases: one holder at a time, given away when silent, and never a write without one."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import LeaseLost
from core.settings import Settings
from core.storage.jobs import Jobs
from core.storage.store import Store
from core.values import DocumentStatus, JobState, Progress
from tests import factories


@pytest.fixture
def hasty(store: Store) -> Jobs:
    """Jobs whose leases run out almost at once."""
    return Jobs(store.database, lease_seconds=0.05, max_attempts=2)


def test_two_workers_never_hold_one_job(store: Store) -> None:
    for number in range(20):
        factories.upload(store, f"{number}.txt", b"%d" % number)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: store.jobs.lease("ingest"), range(40)))

    held = [lease.job.id for lease in taken if lease is not None]
    assert len(held) == len(set(held)) == 20


def test_a_job_is_taken_by_name_once(store: Store) -> None:
    uploaded = factories.upload(store)

    assert store.jobs.lease("ingest", uploaded.job_id) is not None
    assert store.jobs.lease("ingest", uploaded.job_id) is None
    assert store.jobs.waiting("ingest") == []


def test_a_silent_worker_loses_its_job_and_may_not_write(store: Store, hasty: Jobs) -> None:
    uploaded = factories.upload(store)
    silent = hasty.lease("ingest", uploaded.job_id)
    assert silent is not None
    time.sleep(0.1)

    assert hasty.waiting("ingest") == [uploaded.job_id]
    taken_over = store.jobs.lease("ingest", uploaded.job_id)

    assert taken_over is not None
    assert taken_over.job.attempts == 2
    with pytest.raises(LeaseLost):
        store.jobs.heartbeat(silent, Progress("reading", 1, 2))
    with pytest.raises(LeaseLost):
        store.passages.publish(
            silent,
            uploaded.document.version_id,
            factories.reading("text"),
            embedder=factories.EMBEDDER,
            vectors=factories.vectors(1),
        )


def test_a_heartbeat_keeps_the_lease_and_shows_progress(store: Store, hasty: Jobs) -> None:
    uploaded = factories.upload(store)
    lease = hasty.lease("ingest", uploaded.job_id)
    assert lease is not None

    for done in range(5):
        time.sleep(0.02)
        hasty.heartbeat(lease, Progress("reading", done, 5))

    assert store.documents.get(uploaded.document.id).progress == Progress("reading", 4, 5)


def test_lost_attempts_end_as_failed_with_a_reason(store: Store, hasty: Jobs) -> None:
    uploaded = factories.upload(store)
    for _ in range(2):
        assert hasty.lease("ingest", uploaded.job_id) is not None
        time.sleep(0.1)

    assert hasty.lease("ingest", uploaded.job_id) is None
    assert hasty.fail_exhausted() == 1

    document = store.documents.get(uploaded.document.id)
    assert document.status is DocumentStatus.FAILED
    assert document.error is not None
    assert document.error.code == "worker_lost"
    assert uploaded.job_id is not None
    assert store.jobs.get(uploaded.job_id).state is JobState.FAILED


def test_a_forgiven_attempt_does_not_count(store: Store, settings: Settings) -> None:
    uploaded = factories.upload(store)
    for _ in range(settings.job_attempts + 2):
        lease = store.jobs.lease("ingest", uploaded.job_id)
        assert lease is not None
        store.jobs.release(lease, forgive=True)

    assert store.jobs.waiting("ingest") == [uploaded.job_id]


def test_cancelling_takes_the_job_from_its_worker(store: Store) -> None:
    uploaded = factories.upload(store)
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None

    assert store.jobs.cancel(lease.job.id).state is JobState.CANCELLED

    with pytest.raises(LeaseLost):
        store.jobs.heartbeat(lease, Progress())
    assert store.documents.get(uploaded.document.id).status is DocumentStatus.FAILED


def test_only_jobs_that_ended_about_what_is_gone_are_forgotten(store: Store) -> None:
    deleted, kept, waiting = (factories.upload(store, f"{name}.txt", name.encode()) for name in "abc")
    for uploaded in (deleted, kept):
        factories.publish(store, uploaded, "text")
    store.documents.delete(deleted.document.id)

    assert store.jobs.forget(60) == 0
    assert store.jobs.forget(-1) == 1

    remaining = {job.id for job in store.jobs.several([u.job_id for u in (deleted, kept, waiting) if u.job_id])}
    assert remaining == {kept.job_id, waiting.job_id}
