"""Who accepted which conditions, and when."""

from core.storage.store import Store
from core.values import InstallationRole


def test_the_first_acceptance_of_a_version_counts_for_its_person(store: Store) -> None:
    anna, ben = (store.people.add(f"{name}@example.org", InstallationRole.MEMBER).id for name in ("anna", "ben"))
    assert store.acceptances.accepted_at(anna, "1") is None

    store.acceptances.accept(anna, "1")
    first = store.acceptances.accepted_at(anna, "1")
    store.acceptances.accept(anna, "1")

    assert first is not None and first > 1e9
    assert store.acceptances.accepted_at(anna, "1") == first
    assert store.acceptances.accepted_at(anna, "2") is None
    assert store.acceptances.accepted_at(ben, "1") is None
