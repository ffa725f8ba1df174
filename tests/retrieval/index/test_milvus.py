"""The index in a Milvus server: away and back, emptied, shared, taken over, and never mixed with another."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from pymilvus import MilvusClient

from core.errors import LeaseLost, Unavailable
from core.results import SearchResult
from core.settings import Settings
from core.storage import tables as t
from core.storage.agreements import Recipe
from core.storage.store import Store
from core.values import OPERATOR
from retrieval.embedders.recipes import BUNDLED
from retrieval.index.milvus import MilvusIndex, MilvusIndexer
from retrieval.retriever import Retriever
from tests import factories
from tests.milvus_server import MilvusServer
from tests.processes import eventually, printed_by
from tests.retrieval.conftest import Publish

pytestmark = pytest.mark.parametrize("settings", ["milvus"], indirect=True)


@pytest.fixture
def indexer(settings: Settings, store: Store) -> Iterator[MilvusIndexer]:
    made = MilvusIndexer(settings, store)
    assert made.try_own()
    yield made
    made.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[MilvusServer]:
    """A server that may be stopped."""
    server = MilvusServer(tmp_path / "milvus")
    server.start()
    yield server
    server.stop()


def names(result: SearchResult) -> set[str]:
    return {hit.passage.filename for hit in result.hits}


def collections(settings: Settings, store: Store) -> list[str]:
    client = MilvusClient(settings.milvus_url)
    prefix = f"archivar_{store.installation.number():x}_"
    return [name for name in client.list_collections() if name.startswith(prefix)]


def test_search_survives_a_server_that_goes_away(
    settings: Settings, own_server: MilvusServer, store: Store, publish_text: Publish
) -> None:
    chosen = settings.model_copy(update={"milvus_url": own_server.url})
    retriever, indexer = Retriever(chosen, store), MilvusIndexer(chosen, store)
    publish_text("a.txt", "The tenant pays rent.")
    assert names(retriever.search(OPERATOR, "rent")) == {"a.txt"}
    indexer.start()

    own_server.stop()
    with pytest.raises(Unavailable, match="The index server does not answer"):
        retriever.search(OPERATOR, "rent")
    with pytest.raises(Unavailable):
        retriever.behind()
    publish_text("b.txt", "The landlord pays no rent.")
    assert indexer.check() == ["milvus: The index server does not answer. Try again in a moment."]

    own_server.start()
    eventually(lambda: _behind(retriever) == 0)
    assert names(retriever.search(OPERATOR, "rent")) == {"a.txt", "b.txt"}
    assert indexer.check() == []
    indexer.close()
    retriever.close()


def _behind(retriever: Retriever) -> int:
    try:
        return retriever.behind()
    except Unavailable:
        return -1


def test_a_search_begun_while_the_server_was_away_works_when_it_is_there(
    settings: Settings, own_server: MilvusServer, store: Store, publish_text: Publish
) -> None:
    chosen = settings.model_copy(update={"milvus_url": own_server.url})
    retriever, indexer = Retriever(chosen, store), MilvusIndexer(chosen, store)
    publish_text("a.txt", "The tenant pays rent.")
    own_server.stop()
    with pytest.raises(Unavailable):
        retriever.search(OPERATOR, "rent")

    own_server.start()
    indexer.start()
    eventually(lambda: _behind(retriever) == 0)

    assert names(retriever.search(OPERATOR, "rent")) == {"a.txt"}
    indexer.close()
    retriever.close()


def test_a_silent_server_does_not_keep_every_search_waiting(
    settings: Settings, own_server: MilvusServer, store: Store, publish_text: Publish
) -> None:
    chosen = settings.model_copy(update={"milvus_url": own_server.url})
    retriever = Retriever(chosen, store)
    publish_text("a.txt", "The tenant pays rent.")
    retriever.search(OPERATOR, "rent")
    own_server.freeze()

    # If each waited for the server itself, this would take minutes.
    for _ in range(100):
        with pytest.raises(Unavailable):
            retriever.search(OPERATOR, "rent")

    own_server.thaw()
    eventually(lambda: _behind(retriever) == 0)
    assert names(retriever.search(OPERATOR, "rent")) == {"a.txt"}
    retriever.close()


def test_an_emptied_server_is_filled_again(
    settings: Settings, store: Store, indexer: MilvusIndexer, retriever: Retriever, publish_text: Publish
) -> None:
    publish_text("a.txt", "The tenant pays rent.")
    indexer.catch_up()
    retriever.warm()
    (name,) = collections(settings, store)

    MilvusClient(settings.milvus_url).drop_collection(name)
    assert indexer.check() == ["milvus: the collection is missing"]
    assert retriever.search(OPERATOR, "rent").hits == ()
    eventually(lambda: retriever.behind() == 1)

    indexer.catch_up()
    eventually(lambda: retriever.behind() == 0)
    assert names(retriever.search(OPERATOR, "rent")) == {"a.txt"}


def test_what_is_missing_or_too_much_is_found_and_mended(
    settings: Settings, store: Store, indexer: MilvusIndexer, publish_text: Publish
) -> None:
    publish_text("a.txt", "The tenant pays rent.", "The landlord repairs.")
    indexer.catch_up()
    (name,) = collections(settings, store)
    client = MilvusClient(settings.milvus_url)
    row = client.query(name, filter="passage > 0", limit=1, output_fields=["*"])[0]
    client.delete(name, ids=[row["passage"]])
    strange = {key: value for key, value in row.items() if key != "keywords"} | {"passage": 4711}
    client.insert(name, [strange])

    assert indexer.check() == ["milvus: 1 passages are missing, 1 are too many"]
    indexer.rebuild()

    assert indexer.check() == []


def test_rows_that_the_database_no_longer_knows_are_never_shown(
    settings: Settings, store: Store, indexer: MilvusIndexer, publish_text: Publish
) -> None:
    document = publish_text("gone.txt", *[f"The tenant pays rent number {number}." for number in range(40)])
    publish_text("kept.txt", "A tenant also pays for water.")
    indexer.catch_up()
    index = MilvusIndex(settings, store, BUNDLED.name)
    store.documents.delete(document.id)
    with store.database.write() as connection:
        connection.execute(sa.delete(t.changes).where(t.changes.c.document_id == document.id))
    retriever = Retriever(settings, store)

    hits = retriever.search(OPERATOR, "the tenant pays rent number", k=1).hits

    assert [hit.passage.filename for hit in hits] == ["kept.txt"]
    index.close()
    retriever.close()


def test_a_database_put_back_makes_the_index_anew(settings: Settings, store: Store, publish_text: Publish) -> None:
    first = MilvusIndexer(settings, store)
    publish_text("a.txt", "The tenant pays rent.")
    backup = settings.model_copy(update={"data": settings.data / "backup"})
    backup.data.mkdir()
    with closing(sqlite3.connect(settings.data / "archivar.sqlite3")) as database:
        database.execute("VACUUM INTO ?", (str(backup.data / "archivar.sqlite3"),))
    publish_text("b.txt", "The landlord pays rent.")
    assert first.try_own()
    first.catch_up()
    first.close()

    restored = Store(backup)
    indexer, retriever = MilvusIndexer(backup, restored), Retriever(backup, restored)
    assert restored.installation.number() == store.installation.number()
    assert indexer.check() == ["milvus: changes of the database are missing"]
    assert indexer.try_own()

    assert indexer.catch_up() == 1
    assert indexer.check() == []
    assert names(retriever.search(OPERATOR, "rent")) == {"a.txt"}
    indexer.close()
    retriever.close()
    restored.close()


def test_another_embedder_has_an_index_of_its_own(
    settings: Settings, store: Store, indexer: MilvusIndexer, publish_text: Publish
) -> None:
    document = publish_text("a.txt", "The tenant pays rent.")
    indexer.catch_up()
    (before,) = collections(settings, store)
    other = Recipe(factories.EMBEDDER, "bundled")
    beside = MilvusIndexer(settings, store, other)
    assert beside.try_own()
    assert beside.catch_up() == 0
    store.vectors.put(document.version_id, other.name, store.passages.ids(document.version_id), factories.vectors(1))
    assert beside.catch_up() == store.changes.latest()
    assert beside.passages() == 1
    beside.close()
    assert before in collections(settings, store)

    assert store.agreements.swap(other, factories.DIMENSIONS) == 0
    assert indexer.try_own()
    indexer.catch_up()

    (after,) = collections(settings, store)
    assert "test_embedder" in after
    assert before != after
    assert indexer.check() == []


def test_passages_without_vectors_are_found_by_their_words(
    settings: Settings, store: Store, retriever: Retriever
) -> None:
    factories.publish(store, factories.upload(store), "Form ZX-4711 must be signed.")

    assert names(retriever.search(OPERATOR, "ZX-4711")) == {"a.txt"}


def test_words_of_headings_are_found_too(
    settings: Settings, store: Store, indexer: MilvusIndexer, publish_text: Publish
) -> None:
    publish_text("other.txt", "Of these and of other things.", heading="Beginnings")
    publish_text("heading.txt", "Of these and of other things.", heading="Terminations")
    indexer.catch_up()
    index = MilvusIndex(settings, store, BUNDLED.name)

    ids, scores = index.matching("terminated", 10, None, None)

    passages = store.passages.by_ids(ids.tolist())
    assert passages[ids[0]].filename == "heading.txt"
    assert scores[0] > 0
    index.close()


def test_a_writer_that_lost_its_lease_stops(settings: Settings, store: Store, publish_text: Publish) -> None:
    hasty = settings.model_copy(update={"lease_seconds": 0.4})
    # The one that takes over holds it for long: however slow the machine, the first cannot have it back.
    first, second = MilvusIndexer(hasty, store), MilvusIndexer(settings, store)
    publish_text("a.txt", "The tenant pays rent.")
    assert first.try_own()
    eventually(second.try_own)

    with pytest.raises(LeaseLost):
        first.catch_up()
    assert not first.try_own()
    second.close()
    first.close()


def test_indexers_on_two_machines_write_each_change_once_between_them(
    settings: Settings, store: Store, publish_text: Publish
) -> None:
    hasty = settings.model_copy(update={"lease_seconds": 4})
    machines = [MilvusIndexer(hasty, store) for _ in range(2)]
    for machine in machines:
        machine.start()
    for number in range(6):
        publish_text("a.txt", f"The rent is {number}.")
        publish_text(f"{number}.txt", "Dogs are allowed.")
    machines[0].close()

    eventually(lambda: machines[1].check() == [])
    assert machines[1].passages() == 7
    machines[1].close()


SEARCH = """
import sys
from core.settings import load_settings
from core.values import OPERATOR
from llm.services import Services
services = Services(load_settings())
services.retriever.search(OPERATOR, "rent")
services.close()
print(*sorted({"pymilvus", "faiss"} & set(sys.modules)))
"""


def test_each_index_imports_its_own_libraries_only(settings: Settings, store: Store) -> None:
    local = settings.model_copy(update={"index": "local", "data": settings.data / "local"})

    assert printed_by(SEARCH, local) == "faiss"
    assert printed_by(SEARCH, settings) == "pymilvus"
