"""Vectors of several embedders beside each other, and only for the passages that they were made of."""

from core.storage.agreements import Recipe
from core.storage.store import Store
from tests import factories

NEW = "new"


def published(store: Store, path: str, *passages: str) -> str:
    """A document's version that answers."""
    uploaded = factories.upload(store, path, path.encode())
    factories.publish(store, uploaded, *passages)
    return uploaded.document.version_id


def test_what_lacks_vectors(store: Store) -> None:
    first, second = published(store, "a.txt", "One.", "Two."), published(store, "b.txt", "Three.")
    assert store.vectors.lacking(factories.EMBEDDER, factories.DIMENSIONS) == []
    assert dict(store.vectors.lacking(NEW, 4)) == {first: 2, second: 1}
    assert store.vectors.passages_lacking(NEW, 4) == 3

    assert store.vectors.put(first, NEW, store.passages.ids(first), factories.vectors(2))

    assert store.vectors.lacking(NEW, 4) == [(second, 1)]
    assert store.vectors.embedded([first, second], NEW) == {first}
    assert {version for version, _ in store.vectors.lacking(NEW, 8)} == {first, second}
    assert len(store.vectors.lacking(NEW, 8, limit=1)) == 1


def test_a_version_that_does_not_answer_lacks_nothing(store: Store) -> None:
    published(store, "a.txt", "One.")
    newer = factories.upload(store, "a.txt", b"newer")
    factories.publish(store, newer, "Two.", "Three.")

    assert store.vectors.lacking(NEW, 4) == [(newer.document.version_id, 2)]


def test_passages_that_are_gone_get_no_vectors(store: Store) -> None:
    version = published(store, "a.txt", "One.")
    ids = store.passages.ids(version)
    store.documents.read_again(version)
    assert not store.vectors.put(version, NEW, ids, factories.vectors(1))

    store.documents.delete(store.documents.page(factories.collection_id(store))[0].id)

    assert not store.vectors.put(version, NEW, [], b"")
    assert store.vectors.embedded([version], NEW) == set()


def test_reading_again_forgets_all_vectors(store: Store) -> None:
    uploaded = factories.upload(store)
    factories.publish(store, uploaded, "One.")
    version = uploaded.document.version_id
    job_id = store.documents.read_again(version)
    # As a reindexing stores them that has read the passages before they were forgotten.
    assert store.vectors.put(version, NEW, [], b"")
    lease = store.jobs.lease("ingest", job_id)
    assert lease is not None

    vectors = factories.vectors(1)
    store.passages.publish(lease, version, factories.reading("Two."), embedder=factories.EMBEDDER, vectors=vectors)

    assert store.vectors.embedded([version], NEW) == set()
    assert store.vectors.embedded([version], factories.EMBEDDER) == {version}


def test_indexes_are_told_of_vectors_that_answer(store: Store) -> None:
    version = published(store, "a.txt", "One.")
    store.agreements.agree([Recipe(factories.EMBEDDER, "bundled")])
    before = store.changes.latest()
    ids = store.passages.ids(version)

    store.vectors.put(version, NEW, ids, factories.vectors(1))
    assert store.changes.latest() == before
    store.vectors.put(version, factories.EMBEDDER, ids, factories.vectors(1))

    assert [change.version_id for change in store.changes.since(before)] == [version]


def test_only_the_vectors_of_one_embedder_are_kept(store: Store) -> None:
    versions = [published(store, f"{number}.txt", "One.") for number in range(5)]
    for version in versions[:3]:
        store.vectors.put(version, NEW, store.passages.ids(version), factories.vectors(1))

    assert store.vectors.keep_only(NEW) == 5

    assert store.vectors.embedded(versions, NEW) == set(versions[:3])
    assert store.vectors.embedded(versions, factories.EMBEDDER) == set()
    assert store.vectors.keep_only(NEW) == 0
