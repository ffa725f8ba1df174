"""Collections when two people do the same thing at once."""

from concurrent.futures import ThreadPoolExecutor

from core.errors import Conflict
from core.storage.store import Store


def test_of_equal_names_given_at_once_one_wins(store: Store) -> None:
    def create(_number: int) -> str:
        try:
            return store.collections.create("Contracts").name
        except Conflict:
            return "taken"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(4))) == ["Contracts", "taken", "taken", "taken"]
