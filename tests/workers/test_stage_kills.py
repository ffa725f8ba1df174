"""`kill -9` in each stage of reading, of recognising scans and of writing the index; the long form many times over."""

import os
import random
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial

import numpy as np
import pytest

from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.store import Store
from core.values import Document, DocumentStatus, Upload
from retrieval.index.live import LiveVectors, changes_after
from retrieval.index.local import LocalIndexer
from tests import factories
from tests.ingest.scan_files import ENGLISH, GERMAN, picture_of, scan_pdf, sheet, with_models
from tests.places import EMBEDDED, EVERYWHERE
from tests.processes import eventually, kill, parser_children
from tests.workers import halting, halting_index
from tests.workers.conftest import StartWorker
from tests.workers.test_leases import kill_at_every_stage, queued, ready
from tests.workers.texts import assert_exactly_once
from workers.ingest_tasks import IngestWorker

SHORT = ("committed", "saving")
SEEDS = range(20)
everywhere = pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
embedded = pytest.mark.parametrize("place", [EMBEDDED], indirect=True)


def _scan(store: Store, *texts: tuple[str, ...]) -> Upload:
    return factories.upload(store, "scan.pdf", scan_pdf(*(picture_of(sheet(one)) for one in texts)))


def _kill_scan_child(pid: int, others: Sequence[int] = ()) -> None:
    """The first that has loaded its models, besides `others`."""
    found: list[int] = []

    def seen() -> bool:
        found.extend(filter(with_models, set(parser_children(pid)).difference(others)))
        return bool(found)

    eventually(seen, 120)
    kill(found[0])


def _assert_recognised_once(store: Store, document: Document, *texts: tuple[str, ...]) -> None:
    assert (document.status, document.error, document.warnings) == (DocumentStatus.READY, None, ())
    said = "\n".join(passage.text for passage in store.passages.of_version(document.version_id))
    assert [said.count(line) for text in texts for line in text] == [1] * sum(map(len, texts))


@embedded
def test_kill_9_of_the_child_that_recognises_words(store: Store, worker: IngestWorker) -> None:
    uploaded = _scan(store, ENGLISH[:1])
    # Other tests of this process may still keep some.
    killing = threading.Thread(target=_kill_scan_child, args=(os.getpid(), parser_children(os.getpid())))
    killing.start()

    assert worker.run(uploaded.job_id)

    killing.join()
    _assert_recognised_once(store, store.documents.get(uploaded.document.id), ENGLISH[:1])


def _library(store: Store, settings: Settings, rng: random.Random) -> str:
    """What an indexer has written, and what it has to catch up with: the id of a document that was deleted."""
    store.agreements.agree([Recipe(factories.EMBEDDER, "bundled")])
    ids = [_text(store, rng, f"{number}.txt") for number in range(4)]
    with closing(LocalIndexer(settings, store)) as indexer:
        assert indexer.try_own()
        indexer.catch_up()
        indexer._save(factories.EMBEDDER)
    _text(store, rng, "0.txt")
    store.documents.delete(ids[1])
    for number in range(rng.randint(1, 3)):
        _text(store, rng, f"new {number}.txt")
    return ids[1]


def _text(store: Store, rng: random.Random, path: str) -> str:
    texts = [f"Clause {rng.random()} of {path}." for _ in range(rng.randint(1, 4))]
    uploaded = factories.upload(store, path, "\n".join(texts).encode())
    factories.publish(store, uploaded, *texts)
    return uploaded.document.id


def _prove(store: Store, settings: Settings, gone: str) -> None:
    """The next indexer makes everything as the database says, with nothing left of what was deleted."""
    published = set(store.inspection.published())
    with closing(LocalIndexer(settings, store)) as indexer:
        eventually(indexer.try_own)
        indexer.catch_up()
        indexer.purge()
        assert (indexer.check(), indexer.remains([gone]), indexer.passages()) == ([], 0, len(published))
    vectors = LiveVectors(settings.index_dir / "vectors", store, factories.EMBEDDER)
    for change in changes_after(store, vectors.sequence):
        vectors.take(change)
    vectors.add_all()
    anything = np.frombuffer(factories.vectors(1), "<f2").astype(np.float32).reshape(1, -1)
    assert sorted(vectors.index.search(anything, len(published) + 1)[0].tolist()) == sorted(published)


def _write_killed(settings: Settings, store: Store, start: StartWorker, stage: str, seed: int) -> None:
    rng = random.Random(f"{stage} {seed}")
    gone = _library(store, settings, rng)
    indexer = start("tests.workers.halting_index", stage)
    eventually(halting_index.sign(settings).exists, 60)
    if stage == halting_index.ANYWHERE:
        time.sleep(rng.uniform(0, 0.5))
    kill(indexer.pid)
    _prove(store, settings, gone)


@embedded
@pytest.mark.parametrize("stage", SHORT)
def test_kill_9_of_whoever_writes_the_index(settings: Settings, store: Store, start: StartWorker, stage: str) -> None:
    _write_killed(settings, store, start, stage, 0)


@pytest.mark.torture
@pytest.mark.timeout(600)
@everywhere
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stage", [*halting_index.STAGES, halting_index.ANYWHERE])
def test_writes_of_the_index_killed_again_and_again(
    settings: Settings, store: Store, start: StartWorker, stage: str, seed: int
) -> None:
    _write_killed(settings, store, start, stage, seed)


@pytest.mark.torture
@pytest.mark.timeout(900)
@everywhere
@pytest.mark.parametrize("seed", SEEDS)
def test_scans_killed_again_and_again(settings: Settings, store: Store, start: StartWorker, seed: int) -> None:
    rng = random.Random(seed)
    uploaded = _scan(store, ENGLISH, GERMAN)
    assert uploaded.job_id is not None
    reading = start("tests.workers.halting", uploaded.job_id, halting.SCANS)
    eventually(halting.sign(settings, uploaded.job_id).exists, 120)
    kill(reading.pid)
    worker = start("workers.main")
    _kill_scan_child(worker.pid)
    time.sleep(rng.uniform(0, 3))
    kill(worker.pid)
    last = start("workers.main")
    time.sleep(rng.uniform(0, 1))
    _kill_scan_child(last.pid)

    eventually(partial(ready, store, uploaded), 300)
    _assert_recognised_once(store, store.documents.get(uploaded.document.id), ENGLISH, GERMAN)


@pytest.mark.torture
@pytest.mark.timeout(900)
@everywhere
@pytest.mark.parametrize("seed", SEEDS)
def test_every_stage_killed_again_and_again(
    settings: Settings, store: Store, worker: IngestWorker, start: StartWorker, seed: int
) -> None:
    kill_at_every_stage(settings, store, worker, start, random.Random(seed))


@pytest.mark.torture
@pytest.mark.timeout(900)
@everywhere
@pytest.mark.parametrize("seed", SEEDS)
def test_parser_children_killed_again_and_again(
    settings: Settings, store: Store, start: StartWorker, seed: int
) -> None:
    rng = random.Random(seed)
    worker = start("workers.main")
    paragraphs = [rng.randint(3, 60) for _ in range(4)]
    uploads = []
    for number, count in enumerate(paragraphs):
        uploads.append(queued(store, f"document {number}", count)[1])
        eventually(lambda: parser_children(worker.pid))
        time.sleep(rng.uniform(0, 0.3))
        for child in parser_children(worker.pid):
            kill(child)

    for uploaded, count in zip(uploads, paragraphs, strict=True):
        eventually(partial(_has_ended, store, uploaded), 120)
        document = store.documents.get(uploaded.document.id)
        if document.error is not None:  # three attempts met a killed child; that is told, and another try succeeds
            assert document.error.code in {"unavailable", "parser_limit"}
            store.documents.retry(document.id)
        eventually(partial(ready, store, uploaded), 120)
        assert_exactly_once(store, store.documents.get(uploaded.document.id), count)


def _has_ended(store: Store, uploaded: Upload) -> bool:
    return store.documents.get(uploaded.document.id).status in {DocumentStatus.READY, DocumentStatus.FAILED}
