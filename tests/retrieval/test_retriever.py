"""The search: the right passage first, within rights, and nothing that has been deleted or replaced."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Lock
from typing import Any

import pytest

from core.errors import InvalidRequest, NotFound
from core.filters import Filter
from core.results import SearchResult
from core.settings import Settings
from core.storage.store import Store
from core.values import OPERATOR, CollectionRole, InstallationRole, Reader
from retrieval.embedders.protocol import Embedder, TakeTokens, Vectors
from retrieval.retriever import Retriever
from tests import factories
from tests.retrieval.conftest import Publish, either_index


def names(result: SearchResult) -> list[str]:
    return [hit.passage.filename for hit in result.hits]


@either_index
def test_meaning_and_words_both_find(retriever: Retriever, publish_text: Publish) -> None:
    publish_text("rent.txt", "The tenant pays rent on the first day of each month.")
    publish_text("dog.txt", "Dogs and other animals need the consent of the landlord.")
    publish_text("code.txt", "Form ZX-4711 must be signed.")

    assert names(retriever.search(OPERATOR, "May I keep a pet?"))[0] == "dog.txt"
    assert names(retriever.search(OPERATOR, "4711"))[0] == "code.txt"
    ranks = [hit.rank for hit in retriever.search(OPERATOR, "rent").hits]
    assert ranks == list(range(1, len(ranks) + 1))


@either_index
def test_a_search_never_leaves_what_the_reader_may_see(
    retriever: Retriever, store: Store, publish_text: Publish
) -> None:
    for name in ("A", "B", "C"):
        publish_text(f"{name}.txt", f"The secret of collection {name} is written here.", collection=name)
    ids = {name: factories.collection_id(store, name) for name in ("A", "B", "C")}

    for held, wanted in product(["", "A", "AB"], ["", "A", "B", "BC"]):
        reader = Reader("u", InstallationRole.MEMBER, {ids[name]: CollectionRole.READER for name in held})
        chosen = tuple(ids[name] for name in wanted) or None
        if set(wanted) <= set(held):
            expected = {f"{name}.txt" for name in (wanted or held)}
            assert set(names(retriever.search(reader, "secret", within=Filter(collections=chosen)))) == expected
        else:
            with pytest.raises(NotFound):
                retriever.search(reader, "secret", within=Filter(collections=chosen))


@either_index
def test_forbidden_hits_do_not_use_up_places(retriever: Retriever, store: Store, publish_text: Publish) -> None:
    texts = [f"The secret number {number} is written here." for number in range(150)]
    publish_text("theirs.txt", *texts, collection="Theirs")
    publish_text("mine.txt", "Something about secrets.", collection="Mine")
    reader = Reader("u", collections={factories.collection_id(store, "Mine"): CollectionRole.READER})

    assert names(retriever.search(reader, "the secret number is written here", k=10)) == ["mine.txt"]


@either_index
def test_deleted_and_replaced_text_is_gone_at_once(retriever: Retriever, store: Store, publish_text: Publish) -> None:
    document = publish_text("a.txt", "The old rent is 500.")
    other = publish_text("b.txt", "Dogs are allowed.")
    assert "a.txt" in names(retriever.search(OPERATOR, "rent"))

    publish_text("a.txt", "The new rent is 700.")
    assert not any("500" in hit.passage.text for hit in retriever.search(OPERATOR, "rent").hits)
    store.documents.delete(document.id)
    store.documents.delete(other.id)

    assert retriever.search(OPERATOR, "rent").hits == ()


@either_index
def test_deleted_hits_do_not_use_up_places(retriever: Retriever, store: Store, publish_text: Publish) -> None:
    texts = [f"The secret number {number} is written here." for number in range(250)]
    document = publish_text("gone.txt", *texts)
    publish_text("kept.txt", "Something about secrets.")
    retriever.warm()

    store.documents.delete(document.id)

    assert names(retriever.search(OPERATOR, "the secret number is written here")) == ["kept.txt"]


@either_index
def test_documents_narrow_a_search(retriever: Retriever, publish_text: Publish) -> None:
    publish_text("a.txt", "The rent is 500.")
    wanted = publish_text("b.txt", "The rent is 700.")

    assert names(retriever.search(OPERATOR, "rent", within=Filter(documents=(wanted.id,)))) == ["b.txt"]


class Crowded:
    """The bundled model, which notes how many ask it at the same time and fails for some."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = Lock()
        self._asking = 0
        self.most = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_queries(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        with self._lock:
            self._asking += 1
            self.most = max(self.most, self._asking)
        try:
            time.sleep(0.02)
            if "broken" in texts[0]:
                raise RuntimeError(texts[0])
            return self._embedder.embed_queries(texts, take_tokens)
        finally:
            with self._lock:
                self._asking -= 1


def test_a_crowd_is_answered_a_few_at_a_time(
    settings: Settings, store: Store, embedder: Embedder, publish_text: Publish
) -> None:
    publish_text("rent.txt", "The rent is 500.")
    crowded = Crowded(embedder)
    retriever = Retriever(settings, store, crowded)
    with ThreadPoolExecutor(24) as pool:
        broken = [pool.submit(retriever.search, OPERATOR, "broken") for _ in range(8)]
        asked = [pool.submit(retriever.search, OPERATOR, f"rent {number}") for number in range(24)]
    retriever.close()

    assert all(isinstance(each.exception(), RuntimeError) for each in broken)
    assert all(names(each.result()) == ["rent.txt"] for each in asked)
    assert crowded.most == 3


def test_limits(settings: Settings, retriever: Retriever) -> None:
    for query, k in [("", 1), ("   ", 1), ("x" * (settings.max_question_chars + 1), 1), ("x", 0), ("x", 10_000)]:
        with pytest.raises(InvalidRequest):
            retriever.search(OPERATOR, query, k=k)


def test_an_index_damaged_while_nobody_looked_is_mended(
    settings: Settings, store: Store, retriever: Retriever, publish_text: Publish
) -> None:
    publish_text("a.txt", "The rent is 500.")
    assert names(retriever.search(OPERATOR, "rent")) == ["a.txt"]
    retriever.close()
    for path in settings.index_dir.rglob("*.idx"):
        path.unlink()

    again = Retriever(settings, store)

    assert names(again.search(OPERATOR, "rent")) == ["a.txt"]
    again.close()


def _report(name: str, year: int, sales: int) -> list[str]:
    front = f"Annual report of {name} for the fiscal year ended December 31, {year}"
    return [front, "Contents", "Employees and buildings", f"Total sales of all products came to {sales} million."]


@either_index
def test_a_question_that_names_a_company_and_a_year_is_led_to_its_report(
    retriever: Retriever, publish_text: Publish
) -> None:
    for number, (name, year) in enumerate(product(["Blue Heron", "Quarz Pumps"], [2019, 2020, 2021])):
        publish_text(f"{number}.pdf", *_report(name, year, 100 + number))

    found = retriever.search(OPERATOR, "What were the total sales of Quarz Pumps in FY2020?")

    assert names(found)[0] == "4.pdf"
    assert found.hits[0].passage.page == 4
    assert {"0.pdf", "1.pdf"} <= set(names(retriever.search(OPERATOR, "What were the total sales?")))


@either_index
def test_a_name_never_leads_out_of_what_the_reader_may_see_nor_to_what_is_gone(
    retriever: Retriever, store: Store, publish_text: Publish
) -> None:
    publish_text("theirs.pdf", *_report("Blue Heron", 2020, 100), collection="Theirs")
    publish_text("mine.pdf", *_report("Quarz Pumps", 2020, 200), collection="Mine")
    reader = Reader("u", collections={factories.collection_id(store, "Mine"): CollectionRole.READER})
    question = "What were the total sales of Blue Heron in FY2020?"

    assert set(names(retriever.search(reader, question))) == {"mine.pdf"}
    theirs = retriever.search(OPERATOR, question).hits[0].passage
    assert theirs.filename == "theirs.pdf"
    assert set(names(retriever.search(OPERATOR, question, within=Filter(documents=("unknown",))))) == set()
    store.documents.delete(theirs.document_id)
    assert set(names(retriever.search(OPERATOR, question))) == {"mine.pdf"}
