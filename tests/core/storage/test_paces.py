"""How fast writers are, over many measurements."""

from core.storage.store import Store


def test_a_pace_is_that_of_all_runs_of_this_writer(store: Store) -> None:
    store.paces.note("llama", 100, 10.0)
    store.paces.note("llama", 300, 10.0)
    store.paces.note("other", 100, 1.0)

    assert store.paces.of("llama") == 20.0
    assert store.paces.of("nobody") is None


def test_a_server_that_is_faster_now_is_noticed(store: Store) -> None:
    for _ in range(20):
        store.paces.note("llama", 50_000, 50_000.0)
    store.paces.note("llama", 50_000, 5_000.0)

    assert (store.paces.of("llama") or 0) > 2.5


def test_a_name_of_any_length(store: Store) -> None:
    store.paces.note("x" * 5_000, 100, 10.0)

    assert store.paces.of("x" * 5_000) == 10.0
