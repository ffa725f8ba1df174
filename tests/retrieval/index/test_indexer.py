"""The indexer of a node: one at a time, in step with the database, and able to begin again."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.settings import ROOT, Settings, child_environment
from core.storage.store import Store
from retrieval.index import snapshots
from retrieval.index.indexer import Indexer
from retrieval.index.live import LiveVectors, changes_after
from retrieval.retriever import Retriever
from tests import factories
from tests.retrieval.conftest import Publish

OPERATOR_SEARCH = """
from core.settings import load_settings
from core.values import OPERATOR
from llm.services import Services
import sys
services = Services(load_settings())
sys.stdin.readline()
for line in iter(sys.stdin.readline, ""):
    hits = services.retriever.search(OPERATOR, line.strip()).hits
    print(" ".join(sorted({hit.passage.filename for hit in hits})), flush=True)
"""


@pytest.fixture
def indexer(settings: Settings, store: Store) -> Iterator[Indexer]:
    made = Indexer(settings, store)
    assert made.try_own()
    yield made
    made.close()


def test_only_one_owns_the_folder(settings: Settings, store: Store, indexer: Indexer) -> None:
    other = Indexer(settings, store)
    assert not other.try_own()
    with pytest.raises(RuntimeError):
        other.catch_up()

    indexer.close()

    assert other.try_own()
    other.close()


def test_catching_up_shows_what_the_database_says(indexer: Indexer, store: Store, publish_text: Publish) -> None:
    publish_text("kept.txt", "The tenant pays rent.")
    gone = publish_text("gone.txt", "The landlord repairs the roof.")
    store.documents.delete(gone.id)

    assert indexer.check() != []
    assert indexer.catch_up() == store.changes.latest()
    assert indexer.check() == []


def test_rebuilding_mends_any_damage(settings: Settings, store: Store, indexer: Indexer, publish_text: Publish) -> None:
    publish_text("a.txt", "The tenant pays rent.")
    indexer.catch_up()
    for path in (settings.index_dir / "keywords").rglob("*.term"):
        path.unlink()
    assert indexer.check() != []

    indexer.rebuild()

    assert indexer.check() == []


def test_an_index_newer_than_the_database_is_made_anew(
    settings: Settings, store: Store, indexer: Indexer, publish_text: Publish
) -> None:
    publish_text("a.txt", "The tenant pays rent.")
    indexer.catch_up()
    indexer.close()
    restored = Store(settings.model_copy(update={"data": settings.data / "restored"}))
    anew = Indexer(settings, restored)
    assert anew.try_own()

    assert anew.catch_up() == 0
    assert anew.check() == []
    anew.close()
    restored.close()


def test_a_deletion_takes_effect_in_another_process_at_once(
    settings: Settings, store: Store, indexer: Indexer, publish_text: Publish
) -> None:
    publish_text("kept.txt", "The tenant pays rent every month.")
    gone = publish_text("gone.txt", "The tenant pays rent every week.")
    indexer.catch_up()
    indexer.close()
    child = subprocess.Popen(
        [sys.executable, "-c", OPERATOR_SEARCH],
        cwd=ROOT,
        env=child_environment(settings),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def ask() -> str:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("who pays rent?\n")
        child.stdin.flush()
        return child.stdout.readline().strip()

    child.stdin.write("\n")
    assert ask() == "gone.txt kept.txt"
    store.documents.delete(gone.id)
    assert ask() == "kept.txt"
    child.stdin.close()
    assert child.wait(10) == 0


def test_additions_arrive_through_the_background(
    settings: Settings, store: Store, publish_text: Publish, retriever: Retriever
) -> None:
    retriever.warm()
    running = Indexer(settings, store)
    running.start()
    publish_text("new.txt", "The tenant pays rent.")
    while retriever.behind():
        pass
    running.close()

    assert Indexer(settings, store).check() == []


def test_a_snapshot_is_written_when_it_is_worth_it(settings: Settings, store: Store) -> None:
    chosen = settings.model_copy(update={"embedder": factories.EMBEDDER})
    folder = settings.index_dir / "vectors"
    many = [f"Clause {number}." for number in range(2_000)]
    indexer = Indexer(chosen, store)
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
    while live.add_next():
        pass
    assert len(live.index) == 2_002
    indexer.close()
