"""The codes of tokens belong to passages and embedders, and go with both."""

from core.storage.store import Store
from core.values import Upload
from tests import factories

NEW = "new"


def published(store: Store, *passages: str, codes: list[bytes]) -> Upload:
    """A document whose passages have codes of the agreed embedder."""
    uploaded = factories.upload(store)
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    store.passages.publish(
        lease,
        uploaded.document.version_id,
        factories.reading(*passages),
        embedder=factories.EMBEDDER,
        vectors=factories.vectors(len(passages)),
        codes=codes,
    )
    return uploaded


def test_codes_are_read_by_passage_and_embedder(store: Store) -> None:
    uploaded = published(store, "One.", "Two.", "Three.", codes=[b"1", b"", b"3"])
    one, two, three = ids = store.passages.ids(uploaded.document.version_id)

    assert store.token_codes.of(factories.EMBEDDER, [*ids, 10_000]) == {one: b"1", three: b"3"}
    assert store.token_codes.of(factories.EMBEDDER, [two]) == {}
    assert store.token_codes.of(NEW, ids) == {}


def test_another_embedder_has_its_own_and_the_former_ones_go_with_its_vectors(store: Store) -> None:
    uploaded = published(store, "One.", "Two.", codes=[b"1", b"2"])
    ids = store.passages.ids(uploaded.document.version_id)
    assert store.vectors.put(uploaded.document.version_id, NEW, ids, factories.vectors(2), [b"a", b"b"])
    assert store.vectors.put(uploaded.document.version_id, NEW, ids, factories.vectors(2), [b"c", b"d"])
    assert store.token_codes.of(factories.EMBEDDER, ids) == dict(zip(ids, [b"1", b"2"], strict=True))

    store.vectors.keep_only(NEW)

    assert store.token_codes.of(NEW, ids) == dict(zip(ids, [b"c", b"d"], strict=True))
    assert store.token_codes.of(factories.EMBEDDER, ids) == {}


def test_a_deleted_document_leaves_none(store: Store) -> None:
    uploaded = published(store, "One.", codes=[b"1"])
    ids = store.passages.ids(uploaded.document.version_id)

    store.documents.delete(uploaded.document.id)

    assert store.token_codes.of(factories.EMBEDDER, ids) == {}
