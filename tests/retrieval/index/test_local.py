"""The index in files of a node: mended after damage, and saved when that is worth it."""

from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.store import Store
from retrieval.index import snapshots
from retrieval.index.live import LiveVectors, changes_after
from retrieval.index.local import LocalIndexer
from tests import factories
from tests.retrieval.conftest import Publish


def test_rebuilding_mends_any_damage(settings: Settings, store: Store, publish_text: Publish) -> None:
    indexer = LocalIndexer(settings, store)
    assert indexer.try_own()
    publish_text("a.txt", "The tenant pays rent.")
    indexer.catch_up()
    for path in (settings.index_dir / "keywords").rglob("*.term"):
        path.unlink()
    assert indexer.check() != []

    indexer.rebuild()

    assert indexer.check() == []
    indexer.close()


def test_a_snapshot_is_written_when_it_is_worth_it(settings: Settings, store: Store) -> None:
    store.agreements.agree([Recipe(factories.EMBEDDER, "bundled")])
    folder = settings.index_dir / "vectors"
    many = [f"Clause {number}." for number in range(2_000)]
    indexer = LocalIndexer(settings, store)
    assert indexer.try_own()

    factories.publish(store, factories.upload(store, "small.txt"), "A clause.")
    indexer.catch_up()
    assert snapshots.newest(folder, factories.EMBEDDER) == (0, 0)

    factories.publish(store, factories.upload(store, "big.txt", b"many"), *many)
    reached = indexer.catch_up()
    assert snapshots.newest(folder, factories.EMBEDDER) == (reached, 2_001)
    assert snapshots.newest(folder, "another") == (0, 0)

    factories.publish(store, factories.upload(store, "late.txt", b"late"), "Another clause.")
    indexer.catch_up()
    assert snapshots.newest(folder, factories.EMBEDDER) == (reached, 2_001)

    live = LiveVectors(folder, store, factories.EMBEDDER)
    for change in changes_after(store, live.sequence):
        live.take(change)
    live.add_all()
    assert len(live.index) == 2_002
    indexer.close()


def test_what_is_deleted_between_reading_and_adding_is_not_added(settings: Settings, store: Store) -> None:
    store.agreements.agree([Recipe(factories.EMBEDDER, "bundled")])
    gone, kept = (factories.upload(store, f"{name}.txt", name.encode()) for name in "ab")
    factories.publish(store, gone, "A clause.")
    factories.publish(store, kept, "Another clause.")
    live = LiveVectors(settings.index_dir / "vectors", store, factories.EMBEDDER)
    for change in changes_after(store, 0):
        live.take(change)

    changes = live.next()
    rows = live.read(changes)
    store.documents.delete(gone.document.id)
    for change in changes_after(store, live.sequence):
        live.take(change)
    live.add(changes, rows)

    assert live.index.documents == {kept.document.id}
    assert live.pending == 0
