"""A heartbeat keeps the lease, shows progress and notices when the lease is gone."""

import time

import pytest

from core.errors import LeaseLost
from core.storage.store import Store
from core.values import JobState, Lease, Progress
from tests import factories
from tests.processes import eventually
from workers.heartbeat import Heartbeat


def leased(store: Store) -> Lease:
    lease = store.jobs.lease("ingest", factories.upload(store).job_id)
    assert lease is not None
    return lease


def test_the_lease_outlives_its_seconds(store: Store) -> None:
    lease = leased(store)

    with Heartbeat(store.jobs, lease, 0.2):
        time.sleep(lease.seconds + 0.3)
        assert store.jobs.waiting("ingest") == []


def test_progress_is_shown(store: Store) -> None:
    lease = leased(store)

    with Heartbeat(store.jobs, lease, 60) as heartbeat:
        heartbeat.report(Progress("reading", 3, 10))
        eventually(lambda: store.jobs.get(lease.job.id).progress == Progress("reading", 3, 10))
        heartbeat.report(Progress("reading", 4, 10))
        eventually(lambda: store.jobs.get(lease.job.id).progress == Progress("reading", 4, 10))


def test_work_stops_at_its_next_report_once_cancelled(store: Store) -> None:
    lease = leased(store)

    def reports_lost() -> bool:
        try:
            heartbeat.report(Progress("reading", 1, 2))
        except LeaseLost:
            return True
        return False

    with Heartbeat(store.jobs, lease, 0.1) as heartbeat:
        store.jobs.cancel(lease.job.id)
        eventually(reports_lost)
    assert store.jobs.get(lease.job.id).state is JobState.CANCELLED


def test_a_worker_that_stops_loses_its_work(store: Store) -> None:
    with Heartbeat(store.jobs, leased(store), 60) as heartbeat:
        heartbeat.lose()
        with pytest.raises(LeaseLost):
            heartbeat.report(Progress("reading", 1, 2))
