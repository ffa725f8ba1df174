"""The worker as a process."""

import hashlib
import signal
from pathlib import Path

import sqlalchemy as sa

from core.settings import Settings
from core.storage.people import Credential
from core.storage.store import Store
from core.storage.tables import credentials
from core.values import DocumentStatus, InstallationRole, JobState
from tests import factories
from tests.processes import alive, descendants, eventually, parser_children, printed_by
from tests.workers.conftest import StartWorker
from tests.workers.texts import text
from workers.app import BATCH_QUEUE, INGEST_QUEUE, SWEEP_TASK, UPKEEP_TASK, make_app
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

    eventually(lambda: client.llen(BATCH_QUEUE))


def test_a_batch_worker_opens_no_reader_and_is_no_ingest_worker(
    settings: Settings, store: Store, start: StartWorker
) -> None:
    uploaded = factories.upload(store)
    secret = store.people.issue(store.people.add("a@example.org", InstallationRole.MEMBER).id, Credential.SESSION, -1)
    doorbell = Doorbell(settings)
    client = redis_client(settings)
    assert client is not None

    worker = start("workers.main", worker_queues=("batch",), forked=False)

    eventually(lambda: doorbell.worker_state(BATCH_QUEUE) == "ok")
    make_app(settings).send_task(UPKEEP_TASK, queue=BATCH_QUEUE)
    make_app(settings).send_task(SWEEP_TASK, queue=BATCH_QUEUE)
    # The sweep has rung for the document, and nobody here answers.
    eventually(lambda: client.llen(INGEST_QUEUE))
    eventually(lambda: secret_is_gone(store, secret))
    assert doorbell.worker_state() == "none"
    assert parser_children(worker.pid) == []
    assert not settings.index_dir.exists()
    assert not any(name in Path(f"/proc/{worker.pid}/maps").read_text() for name in ("openvino", "faiss", "tantivy"))
    assert store.documents.get(uploaded.document.id).status is DocumentStatus.QUEUED
    worker.signal(signal.SIGTERM)
    eventually(lambda: worker.exit_status is not None, 5)
    assert worker.exit_status == 0


def test_an_ingest_worker_leaves_the_other_queue_alone(settings: Settings, store: Store, start: StartWorker) -> None:
    doorbell = Doorbell(settings)
    client = redis_client(settings)
    assert client is not None
    make_app(settings).send_task(UPKEEP_TASK, queue=BATCH_QUEUE)

    start("workers.main", worker_queues=("ingest",))

    eventually(lambda: doorbell.worker_state() == "ok")
    uploaded = factories.upload(store)
    eventually(lambda: store.documents.get(uploaded.document.id).status is DocumentStatus.READY)
    assert client.llen(BATCH_QUEUE) == 1
    assert doorbell.worker_state(BATCH_QUEUE) == "none"


def test_documents_never_keep_upkeep_waiting(settings: Settings, store: Store, start: StartWorker) -> None:
    person = store.people.add("a@example.org", InstallationRole.MEMBER).id
    jobs = [factories.upload(store, f"{number}.txt", text(3000 + number)).job_id for number in range(6)]
    start("workers.main")
    doorbell = Doorbell(settings)
    for job_id in [one for one in jobs if one is not None] * 2:
        doorbell.ring(job_id)
    eventually(lambda: len(store.jobs.waiting("ingest")) <= len(jobs) - settings.worker_threads)

    secret = store.people.issue(person, Credential.SESSION, -1)
    make_app(settings).send_task(UPKEEP_TASK, queue=BATCH_QUEUE)

    eventually(lambda: secret_is_gone(store, secret))
    assert len(store.jobs.waiting("ingest")) >= len(jobs) - settings.worker_threads - 1


def secret_is_gone(store: Store, secret: str) -> bool:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    with store.database.read() as connection:
        found = connection.execute(sa.select(credentials.c.hash).where(credentials.c.hash == digest)).first()
    return found is None


def test_it_imports_nothing_that_takes_seconds(settings: Settings) -> None:
    modules = "workers.main, retrieval.index.local, ingest.pipeline, ingest.children, retrieval.writer"
    program = f"import sys, {modules}; sys.exit(len({{'torch', 'openvino'}} & set(sys.modules)))"

    printed_by(program, settings)
