"""Text that flows: lines with their places, gathered into one page."""

import pytest

from core.errors import ParserLimit
from core.places import MOST_CHARACTERS
from core.values import Page
from ingest.flow import Flow
from ingest.parsers import Limits

LIMITS = Limits(100, 10_000, 1_000_000)


def told(page: Page) -> list[tuple[str, str]]:
    return [(page.text[line.start : line.end], line.place) for line in page.lines]


def test_lines_stand_under_their_headings() -> None:
    flow = Flow(LIMITS)
    flow.paragraph("Before any heading.")
    flow.heading("One", 1)
    flow.heading("Two", 3)
    flow.paragraph("Deep.\nA line below.")
    flow.heading("Three", 2)
    flow.item("• entry")
    flow.heading("Four", 1)

    page = flow.page()

    assert told(page) == [
        ("Before any heading.", "paragraph 1"),
        ("One", "One"),
        ("Two", "One › Two"),
        ("Deep.", "One › Two"),
        ("A line below.", "One › Two"),
        ("Three", "One › Three"),
        ("• entry", "One › Three"),
        ("Four", "Four"),
    ]
    assert page.text == "Before any heading.\n\nOne\n\nTwo\n\nDeep.\nA line below.\n\nThree\n\n• entry\n\nFour"


def test_tables_are_counted_and_stand_apart() -> None:
    flow = Flow(LIMITS)
    flow.table([["A", "B"], ["1", "2"]], 1)
    flow.item("after")
    flow.table([["C", "D"]], 0)

    page = flow.page()

    assert told(page) == [("A: 1 | B: 2", "Table 1 › row 2"), ("after", "paragraph 1"), ("C | D", "Table 2 › row 1")]
    assert page.text == "A: 1 | B: 2\n\nafter\n\nC | D"


def test_a_page_with_a_name_needs_no_paragraphs() -> None:
    flow = Flow(LIMITS, number=3, name="Slide 3")
    flow.paragraph("Words")
    flow.aside("Notes")
    flow.paragraph("Aside")

    assert told(flow.page()) == [("Words", ""), ("Aside", "Notes")]
    assert (flow.page().number, flow.page().name) == (3, "Slide 3")


def test_a_long_path_keeps_its_end() -> None:
    flow = Flow(LIMITS)
    for level in range(1, 7):
        flow.heading(f"Heading of level {level} " + "word " * 20, level)
    flow.table([["A", "B"], ["1", "2"]], 1)

    place = flow.page().lines[-1].place

    assert place.startswith("… › Heading of level 6") and place.endswith(" › Table 1 › row 2")
    assert len(place) <= MOST_CHARACTERS


def test_nothing_is_told_of_nothing() -> None:
    flow = Flow(LIMITS)
    flow.heading(" ", 1)
    flow.paragraph("\n \n")
    flow.item("\u200b")
    flow.table([])

    assert flow.is_empty
    assert flow.page() == Page(1, "")


def test_a_heading_as_long_as_a_paragraph_is_one() -> None:
    flow = Flow(LIMITS)
    flow.heading("word " * 100, 1)

    assert [line.heading for line in flow.page().lines] == [False]


def test_too_much_is_refused() -> None:
    flow = Flow(Limits(1, 10, 1))
    with pytest.raises(ParserLimit):
        flow.paragraph("More than ten characters")


def test_what_follows_a_heading_stands_apart() -> None:
    flow = Flow(LIMITS)
    flow.heading("One", 1)
    flow.item("• entry")
    flow.item("• next")

    assert flow.page().text == "One\n\n• entry\n• next"
    assert flow.first_heading == "One"
