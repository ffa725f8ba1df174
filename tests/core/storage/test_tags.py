"""Tags belong to documents: written one way, few, and kept through new versions."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import InvalidRequest, NotFound
from core.storage.store import Store
from core.storage.tags import MOST_TAGS
from tests.factories import upload


def test_tags_are_replaced_and_listed_in_order(store: Store) -> None:
    document = upload(store).document
    assert document.tags == ()

    store.tags.set(document.id, ["Urgent", " q3  reports", "URGENT"])
    assert store.documents.get(document.id).tags == ("q3 reports", "urgent")
    (listed,) = store.documents.page(document.collection_id)
    assert listed.tags == ("q3 reports", "urgent")

    store.tags.set(document.id, ["late"])
    assert store.documents.get(document.id).tags == ("late",)
    store.tags.set(document.id, [])
    assert store.documents.get(document.id).tags == ()


def test_an_upload_adds_its_tags_whatever_it_changes(store: Store) -> None:
    first = upload(store, "a.txt", b"one", tags=["draft"])
    assert first.document.tags == ("draft",)
    assert upload(store, "a.txt", b"one", tags=["same bytes"]).document.tags == ("draft", "same bytes")

    newer = upload(store, "a.txt", b"two", tags=["Version 2"])

    assert newer.document.id == first.document.id
    assert newer.document.tags == ("draft", "same bytes", "version 2")
    assert upload(store, "b.txt", b"three").document.tags == ()


def test_too_many_or_impossible_tags_change_nothing(store: Store) -> None:
    full = [f"tag {number:02}" for number in range(MOST_TAGS)]
    document = upload(store, "a.txt", b"one", tags=full).document
    kept = list(store.files.all())

    for tags in ([*full, "one more"], ["a,b"], ["x" * 65], ["\x07"], ["  "]):
        with pytest.raises(InvalidRequest):
            store.tags.set(document.id, tags)
        with pytest.raises(InvalidRequest):
            upload(store, "a.txt", b"two", tags=["another", *tags])
        with pytest.raises(InvalidRequest):
            upload(store, "new.txt", b"three", tags=["another", *tags, *full])

    (unchanged,) = store.documents.page(document.collection_id)
    assert (unchanged.tags, unchanged.version) == (tuple(full), 1)
    assert list(store.files.all()) == kept
    assert store.files.leftovers() == []


def test_tags_go_with_their_document(store: Store) -> None:
    document = upload(store, "a.txt", b"one", tags=["gone"]).document

    store.documents.delete(document.id)

    assert upload(store, "a.txt", b"one").document.tags == ()
    with pytest.raises(NotFound):
        store.tags.set(document.id, ["late"])


def test_changes_at_once_leave_the_tags_of_one_of_them(store: Store) -> None:
    document = upload(store).document
    wanted = [[f"{number}", f"{number}!"] for number in range(8)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda tags: store.tags.set(document.id, tags), wanted))

    assert list(store.documents.get(document.id).tags) in wanted
