"""The sweep finds what nobody works on."""

import time

from core.settings import Settings
from core.storage.store import Store
from core.values import DocumentStatus
from tests import factories
from tests.processes import eventually
from workers.ingest_tasks import IngestWorker
from workers.sweeping import Sweeper, sweep


def test_it_rings_for_waiting_and_for_lost_jobs(settings: Settings, store: Store) -> None:
    waiting = factories.upload(store, "a.txt", b"a")
    lost = factories.upload(store, "b.txt", b"b")
    held = factories.upload(store, "c.txt", b"c")
    store.jobs.lease("ingest", lost.job_id)
    time.sleep(settings.lease_seconds + 0.1)
    store.jobs.lease("ingest", held.job_id)
    rung: list[str] = []

    sweep(store.jobs, rung.append)

    assert rung == [waiting.job_id, lost.job_id]


def test_it_ends_what_was_lost_too_often(settings: Settings, store: Store) -> None:
    uploaded = factories.upload(store)
    for _ in range(settings.job_attempts):
        assert store.jobs.lease("ingest", uploaded.job_id) is not None
        time.sleep(settings.lease_seconds + 0.1)
    rung: list[str] = []

    sweep(store.jobs, rung.append)

    assert rung == []
    document = store.documents.get(uploaded.document.id)
    assert document.status is DocumentStatus.FAILED
    assert document.error is not None
    assert document.error.code == "worker_lost"


def test_a_worker_alone_makes_progress(store: Store, worker: IngestWorker) -> None:
    uploaded = factories.upload(store)
    sweeper = Sweeper(store.jobs, 0.05, worker)

    sweeper.start()

    eventually(lambda: store.documents.get(uploaded.document.id).status is DocumentStatus.READY)
    sweeper.stop()
