"""Which documents a filter lets through, by what answers and by what a list shows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.filters import EVERYTHING, Choices, Filter
from core.storage.store import Store
from core.values import Document
from tests import factories
from tests.factories import upload


@pytest.fixture
def library(store: Store) -> dict[str, Document]:
    """Documents of two collections, by their names; one has been read as German."""
    made = {
        "a.pdf": upload(store, "a.pdf", b"a", tags=["rent", "old"]),
        "b.txt": upload(store, "b.txt", b"b", tags=["rent"]),
        "c.txt": upload(store, "c.txt", b"c", collection=factories.collection_id(store, "Other")),
        "unread.txt": upload(store, "unread.txt", b"u", tags=["rent"]),
    }
    factories.publish(store, made["a.pdf"], "text", media_type="application/pdf", language="de")
    factories.publish(store, made["b.txt"], "text", language="en")
    factories.publish(store, made["c.txt"], "text", language="de")
    return {name: store.documents.get(one.document.id) for name, one in made.items()}


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (EVERYTHING, "a b c"),
        (Filter(types=("application/pdf",)), "a"),
        (Filter(types=("application/pdf", "text/plain")), "a b c"),
        (Filter(types=()), ""),
        (Filter(tags=("rent",)), "a b"),
        (Filter(tags=("old", "unheard of")), "a"),
        (Filter(languages=("de",)), "a c"),
        (Filter(languages=("de",), tags=("rent",)), "a"),
        (Filter(languages=("xx",)), ""),
        (Filter(since=date(2000, 1, 1), until=date(2999, 12, 31)), "a b c"),
        (Filter(until=date(2000, 1, 1)), ""),
        (Filter(since=date(1, 1, 1), until=date(9999, 12, 31)), "a b c"),
    ],
)
def test_what_answers(store: Store, library: dict[str, Document], within: Filter, expected: str) -> None:
    names = {one.id: name.partition(".")[0] for name, one in library.items()}
    assert sorted(names[i] for i in store.documents.answering(within)) == expected.split()


def test_ids_narrow_too(store: Store, library: dict[str, Document]) -> None:
    a, c = library["a.pdf"], library["c.txt"]

    assert store.documents.answering(Filter(collections=(c.collection_id,))) == {c.id}
    assert store.documents.answering(Filter(documents=(a.id, c.id), languages=("de",))) == {a.id, c.id}
    assert store.documents.answering(Filter(collections=(c.collection_id,), documents=(a.id,))) == set()
    assert store.documents.answering(Filter(documents=("' OR 1=1 --",))) == set()


def test_the_last_day_is_in_it(store: Store, library: dict[str, Document]) -> None:
    document = library["a.pdf"]
    day = document.created_at.astimezone(UTC).date()
    one = Filter(documents=(document.id,), since=day, until=day)

    assert store.documents.answering(one) == {document.id}
    for edge, inside in [(0, True), (86_399.5, True), (-0.5, False), (86_400, False)]:
        _set_created(store, document.id, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=edge))
        assert (store.documents.answering(one) == {document.id}) is inside


def test_a_new_version_answers_by_its_own_kind_and_the_old_one_until_then(store: Store) -> None:
    first = upload(store, "a", b"one")
    factories.publish(store, first, "text", language="de")
    second = upload(store, "a", b"two")
    assert store.documents.answering(Filter(languages=("de",))) == {first.document.id}

    factories.publish(store, second, "text", language="en")

    assert store.documents.answering(Filter(languages=("de",))) == set()
    assert store.documents.answering(Filter(languages=("en",))) == {first.document.id}


def test_lists_are_narrowed_page_by_page(store: Store, library: dict[str, Document]) -> None:
    collection, within = library["a.pdf"].collection_id, Filter(tags=("rent",))
    listed = store.documents.page(collection, within=within)

    assert [one.path for one in sorted(listed, key=lambda one: one.path)] == ["a.pdf", "b.txt", "unread.txt"]
    assert listed[1:] == store.documents.page(collection, within=within, after=listed[0].id)
    assert [one.path for one in store.documents.page(collection, within=Filter(languages=("en",)))] == ["b.txt"]


def test_choices_are_those_of_what_answers_in_the_collections(store: Store, library: dict[str, Document]) -> None:
    mine, other = library["a.pdf"].collection_id, library["c.txt"].collection_id
    store.tags.set(library["unread.txt"].id, ["unread"])

    assert store.documents.choices([mine]) == Choices(("application/pdf", "text/plain"), ("old", "rent"), ("de", "en"))
    assert store.documents.choices([other]) == Choices(("text/plain",), (), ("de",))
    assert store.documents.choices([]) == Choices()


def _set_created(store: Store, document_id: str, at: datetime) -> None:
    with store.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE documents SET created_at = {at.timestamp():.3f} WHERE id = '{document_id}'")
