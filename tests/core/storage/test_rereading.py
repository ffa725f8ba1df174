"""Reading again: what was read before answers until the new reading is committed, whatever becomes of it."""

import pytest

from core.errors import Conflict, LeaseLost, NotFound
from core.storage.jobs import INGEST, READING, REPROCESS
from core.storage.store import Store
from core.values import DocumentStatus, Failure, JobState
from tests import factories


@pytest.fixture
def ready(store: Store) -> str:
    """The id of a document that answers."""
    uploaded = factories.upload(store)
    factories.publish(store, uploaded, "as it was read", "on two pages")
    return uploaded.document.id


def _texts(store: Store, document_id: str) -> list[str]:
    version = store.documents.current_version(document_id)
    assert version is not None
    return [passage.text for passage in store.passages.of_version(version.id)]


def _publish(store: Store, job_id: str, *texts: str) -> int:
    lease = store.jobs.lease(REPROCESS, job_id)
    assert lease is not None
    return store.passages.publish(
        lease,
        lease.job.target,
        factories.reading(*texts),
        embedder=factories.EMBEDDER,
        vectors=factories.vectors(len(texts)),
    )


def test_the_new_reading_takes_the_place_of_the_old_one_at_once(store: Store, ready: str) -> None:
    before = store.changes.latest()
    job_id = store.rereading.document(ready)
    assert job_id is not None
    waiting = store.documents.get(ready)
    assert (waiting.status, waiting.in_progress, waiting.job_id) == (DocumentStatus.READY, True, job_id)
    lease = store.jobs.lease(REPROCESS, job_id)
    assert lease is not None
    store.documents.begin_reading(lease, waiting.version_id)
    assert store.documents.get(ready).status is DocumentStatus.READY
    assert _texts(store, ready) == ["as it was read", "on two pages"]
    store.jobs.release(lease, forgive=True)

    number = _publish(store, job_id, "as it is read now")

    assert number == before + 1
    assert _texts(store, ready) == ["as it is read now"]
    done = store.documents.get(ready)
    assert (done.status, done.in_progress, done.pages, done.passages) == (DocumentStatus.READY, False, 1, 1)
    assert store.jobs.get(job_id).state is JobState.DONE
    assert list(store.inspection.miscounted(factories.EMBEDDER)) == []


def test_it_happens_once_however_often_it_is_asked_for(store: Store, ready: str) -> None:
    job_id = store.rereading.document(ready)
    collection_id = store.documents.get(ready).collection_id

    assert store.rereading.document(ready) is None
    assert store.rereading.collection(collection_id) == []
    assert store.jobs.waiting(READING) == [job_id]


@pytest.mark.parametrize(
    ("code", "warnings"), [("parser_limit", ("not_read_again:parser_limit",)), ("forbidden", ()), ("cancelled", ())]
)
def test_what_cannot_be_read_again_stays_as_it_was(
    store: Store, ready: str, code: str, warnings: tuple[str, ...]
) -> None:
    for _ in range(2):
        job_id = store.rereading.document(ready)
        assert job_id is not None
        if code == "cancelled":
            store.jobs.cancel(job_id)
        else:
            lease = store.jobs.lease(REPROCESS, job_id)
            assert lease is not None
            store.documents.end_unread(lease, lease.job.target, Failure(code, "Why not."))

        document = store.documents.get(ready)
        assert (document.status, document.error, document.warnings) == (DocumentStatus.READY, None, warnings)
        assert _texts(store, ready) == ["as it was read", "on two pages"]
        assert store.jobs.get(job_id).state in {JobState.FAILED, JobState.CANCELLED}


def test_a_cancelled_reading_is_not_published(store: Store, ready: str) -> None:
    job_id = store.rereading.document(ready)
    assert job_id is not None
    lease = store.jobs.lease(REPROCESS, job_id)
    assert lease is not None
    store.jobs.cancel(job_id)

    with pytest.raises(LeaseLost):
        store.passages.publish(
            lease, lease.job.target, factories.reading("new"), embedder=factories.EMBEDDER, vectors=factories.vectors(1)
        )

    assert _texts(store, ready) == ["as it was read", "on two pages"]


def test_a_collection_is_read_again_after_what_is_new(store: Store) -> None:
    ready, failed, locked, new = (factories.upload(store, name, name.encode()) for name in "abcd")
    factories.publish(store, ready, "text")
    for uploaded, code in ((failed, "corrupt"), (locked, "password_required")):
        lease = store.jobs.lease(INGEST, uploaded.job_id)
        assert lease is not None
        store.documents.end_unread(lease, uploaded.document.version_id, Failure(code, "Why."))

    jobs = store.rereading.collection(ready.document.collection_id)

    targets = [store.jobs.get(job_id).target for job_id in jobs]
    assert targets == [ready.document.version_id, failed.document.version_id]
    assert store.documents.get(failed.document.id).status is DocumentStatus.QUEUED
    assert store.jobs.waiting(READING) == [new.job_id, *jobs]
    lease = store.jobs.lease(READING)
    assert lease is not None
    assert lease.job.id == new.job_id
    with pytest.raises(Conflict, match="password"):
        store.rereading.document(locked.document.id)
    with pytest.raises(NotFound):
        store.rereading.document("00000000-0000-0000-0000-000000000000")
