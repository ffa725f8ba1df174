"""What is asked of Milvus: within rights, and nothing that somebody wrote into an id."""

import pytest

from core.filters import Filter
from core.values import OPERATOR
from retrieval.index.milvus_collection import condition
from retrieval.retriever import Retriever
from tests.retrieval.conftest import Publish

HOSTILE = ['" or passage > 0 or document == "', "a" * 65, "*", "", "a\n"]


@pytest.mark.parametrize("settings", ["milvus"], indirect=True)
def test_ids_from_outside_are_no_part_of_a_condition(retriever: Retriever, publish_text: Publish) -> None:
    publish_text("a.txt", "The tenant pays rent.")

    for hostile in HOSTILE:
        assert condition(None, [hostile], []) is None
        assert condition(None, None, [hostile]) == "passage > 0"
        assert retriever.search(OPERATOR, "rent", within=Filter(documents=(hostile,))).hits == ()


def test_nothing_is_asked_where_nothing_may_be_seen() -> None:
    assert condition([], None, []) is None
    assert condition(["a"], [], []) is None
    assert condition(["b", "a"], ["c"], ["d"]) == (
        'passage > 0 and collection in ["a", "b"] and document in ["c"] and document not in ["d"]'
    )
