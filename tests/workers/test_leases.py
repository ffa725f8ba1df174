"""The lease harness: whatever is killed, each document ends ready, with each of its passages exactly once."""

import os
import random
import threading
import time
from functools import partial

import pytest

from core.settings import Settings
from core.storage.store import Store
from core.values import DocumentStatus, JobState, Upload
from tests import factories
from tests.places import EMBEDDED, EVERYWHERE, SERVER
from tests.processes import eventually, kill, parser_children
from tests.workers.conftest import StartWorker
from tests.workers.halting import STAGES, sign
from tests.workers.texts import assert_exactly_once, text
from workers.doorbell import Doorbell
from workers.ingest_tasks import IngestWorker

everywhere = pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
# Workers and bells are the same in both places.
here = pytest.mark.parametrize("place", [EMBEDDED, pytest.param(SERVER, marks=pytest.mark.torture)], indirect=True)


def queued(store: Store, name: str, paragraphs: int = 9) -> tuple[str, Upload]:
    uploaded = factories.upload(store, f"{name}.txt", text(paragraphs) + name.encode())
    assert uploaded.job_id is not None
    return uploaded.job_id, uploaded


def ready(store: Store, uploaded: Upload) -> bool:
    document = store.documents.get(uploaded.document.id)
    assert document.status is not DocumentStatus.FAILED, document.error
    return document.status is DocumentStatus.READY


def kill_at_every_stage(
    settings: Settings, store: Store, worker: IngestWorker, start: StartWorker, rng: random.Random
) -> None:
    """Kill a worker in each stage, and let another one end what they began."""
    paragraphs = {stage: rng.randint(4, 14) for stage in STAGES}
    jobs = {stage: queued(store, stage, paragraphs[stage]) for stage in STAGES}
    # The last stage is that in which a version takes the place of another.
    first = jobs["superseding"][1].document
    assert worker.run(jobs["superseding"][0])
    paragraphs["superseding"] += 3
    jobs["superseding"] = queued(store, "superseding", paragraphs["superseding"])
    # The last two stand still inside transactions and so hold up all the others.
    for stages in (STAGES[:-2], STAGES[-2:-1], STAGES[-1:]):
        halting = [start("tests.workers.halting", jobs[stage][0], stage) for stage in stages]
        for stage in stages:
            eventually(sign(settings, jobs[stage][0]).exists, 60)
        for child in halting:
            time.sleep(rng.uniform(0, 0.1))
            kill(child.pid)

    start("workers.main")

    for stage, (job_id, uploaded) in jobs.items():
        eventually(partial(ready, store, uploaded), 120)
        assert_exactly_once(store, store.documents.get(uploaded.document.id), paragraphs[stage])
        job = store.jobs.get(job_id)
        assert job.state is JobState.DONE
        assert job.attempts > 1
    assert len(store.changes.since(0)) == len(jobs)
    answering = store.documents.current_version(first.id)
    assert answering is not None and answering.id == jobs["superseding"][1].document.version_id != first.version_id


@everywhere
def test_kill_9_of_the_worker_at_every_stage(
    settings: Settings, store: Store, worker: IngestWorker, start: StartWorker
) -> None:
    kill_at_every_stage(settings, store, worker, start, random.Random(0))


@everywhere
def test_kill_9_of_parser_children(settings: Settings, store: Store, start: StartWorker) -> None:
    worker = start("workers.main")
    uploads = []
    for number in range(3):
        _, uploaded = queued(store, f"document {number}")
        uploads.append(uploaded)
        eventually(lambda: parser_children(worker.pid))
        for child in parser_children(worker.pid):
            kill(child)

    for uploaded in uploads:
        eventually(partial(ready, store, uploaded))
        assert_exactly_once(store, store.documents.get(uploaded.document.id))


@everywhere
def test_a_document_that_always_kills_its_parser_ends_after_three_attempts(store: Store, worker: IngestWorker) -> None:
    job_id, poison = queued(store, "poison")
    ended = threading.Event()

    def kill_all() -> None:
        while not ended.wait(0.01):
            for child in parser_children(os.getpid()):
                kill(child)

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        while worker.run(job_id):
            pass
    finally:
        ended.set()
        killer.join()

    document = store.documents.get(poison.document.id)
    assert document.status is DocumentStatus.FAILED
    assert document.error is not None
    assert store.jobs.get(job_id).attempts == 3
    _, neighbour = queued(store, "neighbour")
    assert worker.run()
    assert ready(store, neighbour)


@here
def test_doorbells_heard_many_times_by_two_workers(settings: Settings, store: Store, start: StartWorker) -> None:
    for _ in range(2):
        start("workers.main")
    doorbell = Doorbell(settings)
    eventually(lambda: doorbell.worker_state() == "ok")
    jobs = [queued(store, f"document {number}", paragraphs=4) for number in range(8)]

    for _ in range(5):
        for job_id, _uploaded in jobs:
            doorbell.ring(job_id)

    for job_id, uploaded in jobs:
        eventually(partial(ready, store, uploaded))
        assert_exactly_once(store, store.documents.get(uploaded.document.id), paragraphs=4)
        assert store.jobs.get(job_id).state is JobState.DONE
