"""The order of what was found: documents that are meant first, in them the pages that are asked for."""

from core.values import Surroundings
from retrieval.places import Place
from retrieval.ranking import ranked

AROUND = {
    1: Surroundings("other", "Consolidated Balance Sheets", ""),
    2: Surroundings("meant", "Employees", ""),
    3: Surroundings("meant", "", "Acme\nConsolidated Balance Sheets\n2020"),
}
FUSED = [(1, 3.0), (2, 2.0), (3, 1.0), (4, 0.5)]


def test_without_leads_and_places_the_lists_decide() -> None:
    assert ranked(FUSED, AROUND, {}, {}) == FUSED


def test_the_document_that_is_meant_comes_first() -> None:
    assert [i for i, _ in ranked(FUSED, AROUND, {"meant": 1.0}, {})] == [2, 3, 1, 4]


def test_in_it_the_page_that_is_asked_for_comes_first() -> None:
    assert [i for i, _ in ranked(FUSED, AROUND, {"meant": 1.0}, {Place.BALANCE: 1.0})] == [3, 2, 1, 4]


def test_a_document_that_is_named_better_comes_sooner() -> None:
    assert [i for i, _ in ranked(FUSED, AROUND, {"meant": 1.0, "other": 1.6}, {})] == [1, 2, 3, 4]
