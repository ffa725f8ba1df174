"""Places: within each other, merged to ranges, and told to people."""

import pytest

from core.places import joined, merged, place_of_quote, shortened, spans, told
from core.values import Passage, Place


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("", "", ""),
        ("Slide 3", "", "Slide 3"),
        ("", "Scope", "Scope"),
        ("Budget 2024", "B5:F5", "Budget 2024!B5:F5"),
        ("Budget 2024", "C7", "Budget 2024!C7"),
        ("Slide 3", "Table 1 › row 2", "Slide 3 › Table 1 › row 2"),
    ],
)
def test_a_place_within_another(outer: str, inner: str, expected: str) -> None:
    assert joined(outer, inner) == expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], ""),
        (["", ""], ""),
        (["Slide 3", "", "Slide 3"], "Slide 3"),
        (["Budget!B5:F5", "Budget!B6:F6", "Budget!B9:G9"], "Budget!B5:G9"),
        (["Budget!Z1", "Budget!AA1"], "Budget!Z1:AA1"),
        (["Budget!C7"], "Budget!C7"),
        (["Scope › Table 2 › row 3", "Scope › Table 2 › row 4"], "Scope › Table 2 › rows 3-4"),
        (["Table 1 › rows 2-3", "Table 1 › row 9"], "Table 1 › rows 2-9"),
        (["paragraph 4", "paragraph 6"], "paragraphs 4-6"),
        (["Scope › Limits", "Scope › Fees", "Scope"], "Scope"),
        (["Scope › Limits › Table 1 › row 3", "Scope › Limits"], "Scope › Limits"),
        (["Slide 3", "Slide 3 › Table 1 › row 2"], "Slide 3"),
        (["Scope", "Scoping"], "Scoping"),
        (["Q1", "Q4 of the year"], "Q4 of the year"),
        (["Results › Q1", "Results › Q2"], "Results"),
    ],
)
def test_places_are_merged(places: list[str], expected: str) -> None:
    assert merged([(place, len(place)) for place in places]) == expected


def test_the_place_of_a_quote_is_closer_than_that_of_its_passage() -> None:
    text = "Rent 100\nHeating 20\nTotal 120"
    places = (Place(0, 8, "Costs!A2:B2"), Place(9, 19, "Costs!A3:B3"), Place(20, 29, "Costs!A4:B4"))
    passage = Passage(1, "d", "v", "c", "f", "t", 1, 0, len(text), text, "", place="Costs!A2:B4", places=places)

    assert place_of_quote(passage, "Heating 20") == "Costs!A3:B3"
    assert place_of_quote(passage, "Heating 20\nTotal 120") == "Costs!A3:B4"
    assert place_of_quote(passage, "not in it") == "Costs!A2:B4"


def test_places_of_lines_are_kept_where_they_say_more() -> None:
    lines = [Place(0, 3, "Slide 3"), Place(4, 9, "Slide 3"), Place(10, 12, "Slide 3 › Table 1 › row 1")]

    assert spans(lines[:2], "Slide 3") == ()
    assert spans(lines, "Slide 3") == (Place(0, 9, "Slide 3"), lines[2])


def test_a_place_is_told_or_else_the_page() -> None:
    assert (told("Slide 3", 3), told("", 3)) == ("Slide 3", "page 3")


def test_a_kept_place_is_one_line_of_limited_length() -> None:
    assert shortened(" Budget\n 2024 ") == "Budget 2024"
    assert len(shortened("x" * 1000)) == 200
