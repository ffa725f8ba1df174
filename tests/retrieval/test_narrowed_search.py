"""Searches narrowed by what documents are, and searches that explain themselves."""

from datetime import date

import pytest

from core.errors import NotFound
from core.filters import Filter
from core.results import SearchResult
from core.storage.store import Store
from core.values import OPERATOR, CollectionRole, Reader
from retrieval.retriever import Retriever
from tests import factories
from tests.retrieval.conftest import Publish, either_index


def names(found: SearchResult) -> set[str]:
    return {hit.passage.filename for hit in found.hits}


@either_index
def test_a_filter_narrows_within_rights(retriever: Retriever, store: Store, publish_text: Publish) -> None:
    mine = publish_text("mine.txt", "The rent is 500.", collection="Mine")
    other = publish_text("other.txt", "The rent is 600.", collection="Mine")
    theirs = publish_text("theirs.txt", "The rent is 700.", collection="Theirs")
    for document in (mine, theirs):
        store.tags.set(document.id, ["rent"])
    reader = Reader("u", collections={mine.collection_id: CollectionRole.READER})
    tagged = Filter(tags=("rent",))

    assert names(retriever.search(OPERATOR, "rent", within=tagged)) == {"mine.txt", "theirs.txt"}
    assert names(retriever.search(reader, "rent", within=tagged)) == {"mine.txt"}
    assert names(retriever.search(reader, "rent", within=Filter(documents=(theirs.id,), tags=("rent",)))) == set()
    assert names(retriever.search(reader, "rent", within=Filter(documents=(other.id,), tags=("rent",)))) == set()
    assert names(retriever.search(reader, "rent", within=Filter(types=("text/plain",)))) == {"mine.txt", "other.txt"}
    with pytest.raises(NotFound):
        retriever.search(reader, "rent", within=Filter(collections=(theirs.collection_id,), tags=("unheard of",)))


@either_index
def test_a_filter_that_nothing_passes_finds_nothing(retriever: Retriever, publish_text: Publish) -> None:
    publish_text("a.txt", "The rent is 500.")

    for within in (Filter(languages=("xx",)), Filter(until=date(2000, 1, 1)), Filter(documents=()), Filter(tags=())):
        found = retriever.search(OPERATOR, "rent", within=within, explain=True)
        assert found.hits == ()
        assert found.explanation is not None and found.explanation.leads == ()


@either_index
def test_a_tag_takes_effect_at_once(retriever: Retriever, store: Store, publish_text: Publish) -> None:
    document = publish_text("a.txt", "The rent is 500.")
    tagged = Filter(tags=("now",))
    assert names(retriever.search(OPERATOR, "rent", within=tagged)) == set()

    store.tags.set(document.id, ["now"])
    assert names(retriever.search(OPERATOR, "rent", within=tagged)) == {"a.txt"}

    store.tags.set(document.id, [])
    assert names(retriever.search(OPERATOR, "rent", within=tagged)) == set()


@either_index
def test_hits_tell_where_their_scores_come_from(retriever: Retriever, publish_text: Publish) -> None:
    front = "Annual report of Quarz Pumps for the fiscal year ended December 31, 2020"
    publish_text("pumps.pdf", front, "Total sales of all products came to 900 million.")
    publish_text("pets.txt", "Kittens sleep all day.")
    publish_text("dogs.txt", "Dogs run all day.")
    query = "What were the total sales of Quarz Pumps in FY2020?"

    found = retriever.search(OPERATOR, query, explain=True)
    plain = retriever.search(OPERATOR, query)

    assert plain.explanation is None and all(hit.scores is None for hit in plain.hits)
    assert [hit.passage.id for hit in plain.hits] == [hit.passage.id for hit in found.hits]
    scores = {hit.passage.text: hit.scores for hit in found.hits}
    sales, kittens = scores["Total sales of all products came to 900 million."], scores["Kittens sleep all day."]
    assert sales is not None and sales.dense is not None and sales.keyword is not None and sales.card > 0
    assert kittens is not None and kittens.dense is not None and kittens.card == 0
    assert -1 <= kittens.dense < sales.dense <= 1
    assert kittens.keyword is None or kittens.keyword < sales.keyword
    assert found.explanation is not None
    (lead,) = found.explanation.leads
    assert (lead.filename, lead.score) == ("pumps.pdf", sales.card)
    assert {"total", "sales"} <= set(found.explanation.words)


@either_index
def test_an_explanation_names_no_document_that_the_reader_may_not_see(
    retriever: Retriever, store: Store, publish_text: Publish
) -> None:
    front = "Annual report of Quarz Pumps for the fiscal year ended December 31, 2020"
    publish_text("quarz-pumps.pdf", front, "Total sales came to 900 million.", collection="Theirs")
    publish_text("mine.txt", "Sales were good.", collection="Mine")
    publish_text("more.txt", "Kittens sleep all day.", collection="Mine")
    reader = Reader("u", collections={factories.collection_id(store, "Mine"): CollectionRole.READER})
    query = "What were the total sales of Quarz Pumps in FY2020?"

    found = retriever.search(reader, query, explain=True)
    everything = retriever.search(OPERATOR, query, explain=True)

    assert everything.explanation is not None and len(everything.explanation.leads) == 1
    assert found.explanation is not None and found.explanation.leads == ()
