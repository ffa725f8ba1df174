"""What a look elsewhere finds of a deleted document: in searches, in the index on the disk and in Redis."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from core.receipts import is_genuine
from core.settings import Settings
from core.storage.remains import Traces
from core.storage.store import Store
from retrieval.index.keywords import KeywordReader
from retrieval.index.opening import open_indexer
from retrieval.retriever import Retriever
from tests import factories
from tests.places import Place
from workers.broker import redis_client
from workers.ingest_tasks import IngestWorker
from workers.remains import Remains
from workers.upkeep import tidy

CANARY = "The heron of Zwickau stands in the reeds and counts eleven carp before noon."


@pytest.fixture
def documents(settings: Settings, store: Store) -> Iterator[list[str]]:
    """Two documents that are read and indexed, the first one with the canary."""
    worker = IngestWorker(settings, store)
    ids = []
    for number, text in enumerate((CANARY, "The ferry leaves at nine in the morning, on Sundays at ten.")):
        ids.append(factories.upload(store, f"{number}.txt", text.encode()).document.id)
        worker.run()
    worker.close()
    with closing(open_indexer(settings, store)) as indexer:
        assert indexer.try_own()
        indexer.catch_up()
    yield ids


def _frequency(settings: Settings, gram: str) -> int:
    reader = KeywordReader(settings.index_dir / "keywords")
    reader.reload()
    assert reader._state is not None
    return int(reader._state[1].searcher().doc_freq("text", gram))


def test_nothing_is_left_once_upkeep_has_looked(settings: Settings, store: Store, documents: list[str]) -> None:
    gone, kept = documents
    with closing(Retriever(settings, store)) as retriever:
        retriever.warm()
        receipt = store.documents.delete(gone, elsewhere=Remains(settings, store, retriever)).receipt
        assert receipt.body["scan"]["search"] == {"questions": 1, "left": 0}
        assert (receipt.body["clean"], receipt.body["complete"], is_genuine(receipt)) == (True, False, True)
    assert _frequency(settings, "zwic") == 1

    tidy(store, elsewhere=Remains(settings, store))

    receipt = store.receipts.get(receipt.id)
    assert receipt.body["scan"]["index"] == {"left": 0}
    assert (receipt.body["clean"], receipt.body["complete"], is_genuine(receipt)) == (True, True, True)
    assert (_frequency(settings, "zwic"), _frequency(settings, "ferr")) == (0, 1)
    with closing(open_indexer(settings, store)) as indexer:
        assert (indexer.check(), indexer.remains([gone]), indexer.remains([kept])) == ([], 0, 1)


def test_what_is_still_there_is_found(settings: Settings, store: Store, documents: list[str]) -> None:
    there = Remains(settings, store)(Traces((documents[0],), (CANARY,)))

    assert (there.found["search"], there.found["index"]) == ({"questions": 1, "left": 1}, {"left": 1})
    assert (there.clean, there.settled) == (False, False)


def test_words_in_redis_are_found(settings: Settings, store: Store, place: Place) -> None:
    settings = settings.model_copy(update={"redis_url": type(settings.redis_url)(place.redis_url)})
    client = redis_client(settings)
    assert client is not None
    look = Remains(settings, store)
    client.rpush("list", "other", f"It says: {CANARY}")
    client.hset("hash", "field", CANARY)
    client.set("plain", "nothing of it")

    assert look(Traces((), (CANARY,))).found["redis"] == {"keys": 3, "left": 2}
    client.delete("list", "hash")
    assert look(Traces((), (CANARY,))).found["redis"] == {"keys": 1, "left": 0}
    client.close()


def test_without_a_look_everywhere_a_receipt_stays_open(settings: Settings, store: Store) -> None:
    away = settings.model_copy(update={"redis_url": type(settings.redis_url)("redis://127.0.0.1:1/0")})
    uploaded = factories.upload(store)
    factories.publish(store, uploaded, CANARY)
    receipt = store.documents.delete(uploaded.document.id).receipt

    tidy(store, elsewhere=Remains(away, store))
    assert store.receipts.get(receipt.id).body["scan"]["redis"] is None
    assert not store.receipts.get(receipt.id).body["complete"]

    tidy(store, elsewhere=Remains(settings, store))
    assert store.receipts.get(receipt.id).body["complete"]
