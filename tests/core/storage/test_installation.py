"""What processes agree on: the installation's number, and leases that one of them holds at a time."""

from concurrent.futures import ThreadPoolExecutor

from core.settings import Settings
from core.storage.store import Store
from tests.processes import eventually


def test_an_installation_keeps_its_number(settings: Settings, store: Store) -> None:
    other = Store(settings)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: other.installation.number(), range(8)))

    assert {store.installation.number()} == set(numbers)
    other.close()


def test_one_holds_a_lease_until_it_ends(store: Store) -> None:
    installation = store.installation
    held = installation.lease("a", 60)
    assert held

    assert installation.lease("a", 60) is None
    assert installation.lease("b", 60)
    longer = installation.lease("a", 60, held)
    assert longer is not None
    assert longer >= held

    installation.give_back("a", longer)
    short = installation.lease("a", 0.05)
    assert short
    eventually(lambda: installation.lease("a", 60))
    assert installation.lease("a", 60, short) is None
    installation.give_back("a", short)
    assert installation.lease("a", 60) is None


def test_of_many_at_once_one_gets_the_lease(store: Store) -> None:
    store.installation.give_back("a", store.installation.lease("a", 60) or 0)
    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(lambda _: store.installation.lease("a", 60), range(32)))

    assert sum(lease is not None for lease in leases) == 1
