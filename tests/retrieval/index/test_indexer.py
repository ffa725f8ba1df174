"""What every indexer does: one at a time, in step with the database, and able to begin again."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.settings import ROOT, Settings, child_environment
from core.storage.store import Store
from core.values import OPERATOR
from retrieval.index.indexer import Indexer
from retrieval.index.opening import open_indexer
from retrieval.retriever import Retriever
from tests.processes import eventually
from tests.retrieval.conftest import Publish, either_index

pytestmark = either_index

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
    made = open_indexer(settings, store)
    assert made.try_own()
    yield made
    made.close()


def test_only_one_writes_the_index(settings: Settings, store: Store, indexer: Indexer) -> None:
    other = open_indexer(settings, store)
    assert not other.try_own()
    with pytest.raises(RuntimeError):
        other.catch_up()

    indexer.close()

    assert other.try_own()
    other.close()


def test_catching_up_shows_what_the_database_says(indexer: Indexer, store: Store, publish_text: Publish) -> None:
    assert indexer.check() == []
    publish_text("kept.txt", "The tenant pays rent.")
    gone = publish_text("gone.txt", "The landlord repairs the roof.")
    indexer.catch_up()
    store.documents.delete(gone.id)

    assert indexer.check() != []
    assert indexer.catch_up() == store.changes.latest() == indexer.shown()
    assert indexer.check() == []
    assert indexer.passages() == 1


def test_an_index_newer_than_the_database_is_made_anew(
    settings: Settings, store: Store, indexer: Indexer, publish_text: Publish
) -> None:
    publish_text("a.txt", "The tenant pays rent.")
    indexer.catch_up()
    indexer.close()
    restored = Store(settings.model_copy(update={"data": settings.data / "restored"}))
    anew = open_indexer(settings, restored)
    assert anew.try_own()

    assert anew.catch_up() == 0
    assert anew.check() == []
    anew.close()
    restored.close()


def test_rebuilding_begins_from_the_database(
    indexer: Indexer, retriever: Retriever, store: Store, publish_text: Publish
) -> None:
    publish_text("a.txt", "The tenant pays rent.")
    store.documents.delete(publish_text("b.txt", "The landlord pays.").id)

    assert indexer.rebuild() == store.changes.latest()
    assert indexer.check() == []
    assert len(retriever.search(OPERATOR, "who pays?").hits) == 1


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
    running = open_indexer(settings, store)
    running.start()
    publish_text("new.txt", "The tenant pays rent.")
    assert retriever.behind()
    eventually(lambda: retriever.behind() == 0)
    assert len(retriever.search(OPERATOR, "rent").hits) == 1
    running.close()

    assert open_indexer(settings, store).check() == []
