"""The worker as a process."""

import signal

from core.settings import Settings
from core.storage.store import Store
from core.values import DocumentStatus, JobState
from tests import factories
from tests.processes import alive, descendants, eventually, printed_by
from tests.workers.conftest import StartWorker
from tests.workers.texts import text
from workers.app import QUEUE
from workers.broker import redis_client
from workers.doorbell import Doorbell


def test_a_doorbell_is_answered_and_a_worker_alone_shows_life(
    settings: Settings, store: Store, start: StartWorker
) -> None:
    start("workers.main")
    doorbell = Doorbell(settings)
    eventually(lambda: doorbell.worker_state() == "ok")
    uploaded = factories.upload(store)
    assert uploaded.job_id is not None

    doorbell.ring(uploaded.job_id)

    eventually(lambda: store.documents.get(uploaded.document.id).status is DocumentStatus.READY)


def test_sigterm_ends_it_while_it_embeds(store: Store, start: StartWorker) -> None:
    uploaded = factories.upload(store, "long.txt", text(6000))
    assert uploaded.job_id is not None
    job_id = uploaded.job_id
    worker = start("workers.main")
    eventually(lambda: store.jobs.get(job_id).progress.stage == "embedding")
    below = descendants(worker.pid)
    assert below

    worker.signal(signal.SIGTERM)

    eventually(lambda: worker.exit_status is not None, 5)
    assert worker.exit_status == 0
    assert [pid for pid in below if alive(pid)] == []
    job = store.jobs.get(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_beat_rings_for_the_sweep(settings: Settings, start: StartWorker) -> None:
    client = redis_client(settings)
    assert client is not None

    start("workers.beat")

    eventually(lambda: client.llen(QUEUE))


def test_it_imports_nothing_that_takes_seconds(settings: Settings) -> None:
    modules = "workers.main, retrieval.index.indexer, ingest.pipeline, ingest.children, retrieval.writer"
    program = f"import sys, {modules}; sys.exit(len({{'torch', 'openvino'}} & set(sys.modules)))"

    printed_by(program, settings)
