"""Counts that prove what belongs together, and the way back when it does not."""

from core.storage.store import Store
from core.values import DocumentStatus
from tests import factories


def test_vectors_are_those_of_versions_that_answer(store: Store) -> None:
    factories.publish(store, factories.upload(store, data=b"old"), "one", "two", "three")
    factories.publish(store, factories.upload(store, data=b"new"), "one", "two")

    assert store.inspection.vectors(factories.EMBEDDER) == 2
    assert store.inspection.totals().published_passages == 2
    assert store.inspection.vectors("another") == 0


def test_reading_again_starts_from_nothing(store: Store) -> None:
    uploaded = factories.upload(store)
    factories.publish(store, uploaded, "one", "two")

    job_id = store.documents.read_again(uploaded.document.version_id)

    document = store.documents.get(uploaded.document.id)
    assert (document.status, document.passages, document.job_id) == (DocumentStatus.QUEUED, 0, job_id)
    assert store.passages.of_version(document.version_id) == []
    lease = store.jobs.lease("ingest", job_id)
    assert lease is not None
    store.passages.publish(
        lease,
        document.version_id,
        factories.reading("one"),
        embedder=factories.EMBEDDER,
        vectors=factories.vectors(1),
    )
    assert list(store.inspection.miscounted(factories.EMBEDDER)) == []
    assert store.documents.get(document.id).passages == 1


def test_a_deleted_version_is_not_read_again(store: Store) -> None:
    uploaded = factories.upload(store)
    store.documents.delete(uploaded.document.id)

    assert store.documents.read_again(uploaded.document.version_id) is None


def test_equal_bytes_fill_the_place_of_a_lost_file(store: Store) -> None:
    uploaded = factories.upload(store)
    store.files.remove(uploaded.document.sha256)

    factories.upload(store)

    assert store.files.is_intact(uploaded.document.sha256)


def test_several_jobs_at_once(store: Store) -> None:
    jobs = [factories.upload(store, f"{n}.txt", b"%d" % n).job_id for n in range(3)]
    ids = [job_id for job_id in jobs if job_id is not None]

    assert {job.id for job in store.jobs.several([*ids, "no-such-job"])} == set(ids)
    assert store.jobs.several([]) == []
