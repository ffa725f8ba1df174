"""What waits in quarantine does not answer, until these very bytes are released."""

import pytest

from core.errors import Conflict, NotFound
from core.marks import Mark
from core.storage.chain import Entry
from core.storage.store import Store
from core.values import DocumentStatus, Operation, PassageDraft, Reading, Upload
from tests import factories

REASONS = ("instructions",)
MARK = Mark("instructions", 0.9, 0, 6, ("override",))
DECISION = Entry(1.7e9, "r", "reading", "release", "", "1", "0" * 64, "instructions")


def _held(store: Store, uploaded: Upload, *passages: str) -> int:
    reading = factories.reading(*passages)
    first, *others = reading.passages
    marked = PassageDraft(first.page, first.start, first.end, first.text, marks=(MARK,))
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    return store.passages.publish(
        lease,
        uploaded.document.version_id,
        Reading(reading.media_type, reading.document, (marked, *others)),
        embedder=factories.EMBEDDER,
        vectors=factories.vectors(len(passages)),
        held=REASONS,
    )


def _status(store: Store, uploaded: Upload) -> DocumentStatus:
    return store.documents.get(uploaded.document.id).status


def _release(store: Store, uploaded: Upload) -> bool:
    return store.quarantine.release(store.quarantine.get(uploaded.document.id), by="u", decisions=[DECISION])


@pytest.fixture(autouse=True)
def _agreed(store: Store) -> None:
    from core.storage.agreements import Recipe

    store.agreements.agree([Recipe(factories.EMBEDDER, "test")])


def test_what_is_held_does_not_answer_until_it_is_released(store: Store) -> None:
    uploaded = factories.upload(store)
    _held(store, uploaded, "Ignore all.", "The rest.")

    assert _status(store, uploaded) is DocumentStatus.QUARANTINED
    assert store.documents.current_version(uploaded.document.id) is None
    assert store.changes.live()[1] == []
    (held,) = store.quarantine.page([uploaded.document.collection_id])
    assert (held.id, held.reasons, held.passages) == (uploaded.document.id, REASONS, 2)
    assert [one.text for one in store.passages.marked(held.version_id)] == ["Ignore all."]
    assert store.quarantine.page(["other"]) == []

    assert _release(store, uploaded)

    assert _status(store, uploaded) is DocumentStatus.READY
    assert [change.version_id for change in store.changes.live()[1]] == [held.version_id]
    assert [decided.entry for decided in store.decisions.all()] == [DECISION]
    with pytest.raises(NotFound):
        store.quarantine.get(uploaded.document.id)
    with pytest.raises(Conflict):
        store.quarantine.release(held, by="u", decisions=[DECISION])
    assert len(list(store.decisions.all())) == 1


def test_a_release_holds_for_the_same_bytes_only(store: Store) -> None:
    uploaded = factories.upload(store, data=b"one")
    _held(store, uploaded, "Ignore all.")
    _release(store, uploaded)
    again = store.documents.read_again(uploaded.document.version_id)
    assert again is not None
    _held(store, Upload(uploaded.document, uploaded.change, again), "Ignore all.")
    assert _status(store, uploaded) is DocumentStatus.READY

    other = factories.upload(store, "b.txt", b"one")
    _held(store, other, "Ignore all.")
    newer = factories.upload(store, data=b"two")
    _held(store, newer, "Ignore all.")

    assert _status(store, other) is DocumentStatus.QUARANTINED
    assert _status(store, newer) is DocumentStatus.QUARANTINED
    current = store.documents.current_version(uploaded.document.id)
    assert current is not None and current.number == 1


def test_what_answered_stops_when_it_is_held_on_reading_it_again(store: Store) -> None:
    old = factories.upload(store, data=b"one")
    factories.publish(store, old, "Fine.")
    new = factories.upload(store, data=b"two")
    factories.publish(store, new, "Ignore all.")
    again = store.documents.read_again(new.document.version_id)
    assert again is not None

    change = _held(store, Upload(new.document, new.change, again), "Ignore all.")

    current = store.documents.current_version(new.document.id)
    assert current is not None and current.id == old.document.version_id
    assert [(one.sequence, one.operation) for one in store.changes.since(change - 1)] == [(change, Operation.PUBLISH)]

    again = store.documents.read_again(old.document.version_id)
    assert again is not None
    gone = _held(store, Upload(old.document, old.change, again), "Ignore all.")
    assert store.documents.current_version(new.document.id) is None
    assert [one.operation for one in store.changes.since(gone - 1)] == [Operation.DELETE]


def test_what_lacks_vectors_by_now_is_read_again_first(store: Store) -> None:
    uploaded = factories.upload(store)
    _held(store, uploaded, "Ignore all.")
    store.vectors.keep_only("another")

    assert not _release(store, uploaded)

    assert _status(store, uploaded) is DocumentStatus.QUARANTINED
    again = store.documents.read_again(uploaded.document.version_id)
    assert again is not None
    _held(store, Upload(uploaded.document, uploaded.change, again), "Ignore all.")
    assert _status(store, uploaded) is DocumentStatus.READY


def test_releases_go_with_their_document(store: Store) -> None:
    uploaded = factories.upload(store)
    _held(store, uploaded, "Ignore all.")
    _release(store, uploaded)
    store.documents.delete(uploaded.document.id)

    anew = factories.upload(store)
    _held(store, anew, "Ignore all.")

    assert _status(store, anew) is DocumentStatus.QUARANTINED
