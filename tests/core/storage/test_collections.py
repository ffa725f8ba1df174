"""Names of collections, and two people who do the same thing at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import Conflict, NotFound
from core.storage.store import Store


def test_of_equal_names_given_at_once_one_wins(store: Store) -> None:
    def create(_number: int) -> str:
        try:
            return store.collections.create("Contracts").name
        except Conflict:
            return "taken"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(4))) == ["Contracts", "taken", "taken", "taken"]


@pytest.mark.parametrize("again", ["Über uns", " über  UNS ", "ÜBER UNS"])
def test_a_name_is_found_or_free_to_be_taken_but_never_both(store: Store, again: str) -> None:
    store.collections.create("Über uns")
    try:
        found = store.collections.by_name(again)
    except NotFound:
        # SQLite knows no capitals beyond ASCII.
        found = store.collections.create(again)

    assert store.collections.by_name(again) == found
    with pytest.raises(Conflict):
        store.collections.create(again)


def test_names_of_all_by_id(store: Store) -> None:
    one, two = store.collections.create("One"), store.collections.create("Two")

    assert store.collections.names() == {one.id: "One", two.id: "Two"}
