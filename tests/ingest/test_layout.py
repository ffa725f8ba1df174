"""Fragments become lines: rows whole, columns apart, words whole, headings marked."""

from collections.abc import Sequence

from core.values import Box, Page
from ingest.layout import Fragment, RawPage, lay_out


def fragment(text: str, top: float, left: float = 72.0, *, broken: bool = False, bold: bool = False) -> Fragment:
    """A line of 10 points, 5 points for each character."""
    return Fragment(text, Box(left, top, left + 5 * len(text), top + 10), 10.0, bold=bold, broken=broken)


def page_of(*fragments: Fragment, titles: frozenset[str] = frozenset()) -> Page:
    """The only page of a document with these fragments."""
    (page,) = lay_out([RawPage(1, 612, 792, fragments)], titles)
    return page


def texts(page: Page) -> list[str]:
    """The page's lines."""
    return [page.text[line.start : line.end] for line in page.lines]


def headings(page: Page) -> Sequence[str]:
    """The lines that are headings."""
    return [page.text[line.start : line.end] for line in page.lines if line.heading]


def test_cells_on_one_baseline_are_one_line() -> None:
    page = page_of(fragment("Inventories", 100), fragment("(509)", 102, 300), fragment("57", 99, 400))

    assert texts(page) == ["Inventories (509) 57"]
    assert page.lines[0].box == Box(72, 99, 410, 112)


def test_a_label_that_comes_last_stands_first() -> None:
    assert texts(page_of(fragment("1,577", 100, 300), fragment("Purchases", 100, 72))) == ["Purchases 1,577"]


def test_columns_stay_apart() -> None:
    left = [fragment(f"left {n}", 100 + 12 * n) for n in range(3)]
    right = [fragment(f"right {n}", 100 + 12 * n, 320) for n in range(3)]

    assert texts(page_of(*left, *right)) == ["left 0", "left 1", "left 2", "right 0", "right 1", "right 2"]


def test_paragraphs_are_set_apart() -> None:
    page = page_of(fragment("One.", 100), fragment("Goes on.", 112), fragment("Two.", 140))

    assert page.text == "One.\nGoes on.\n\nTwo."


def test_broken_words_are_made_whole() -> None:
    page = page_of(
        fragment("The example of a founda", 100, broken=True), fragment("tional approach", 112), fragment("ends.", 124)
    )

    assert texts(page) == ["The example of a foundational", "approach", "ends."]


def test_a_hyphen_stays_where_the_document_says_so() -> None:
    page = page_of(
        fragment("A long", 100, broken=True),
        fragment("term plan, a long wait, a term of office", 112),
        fragment("The Anglo", 124, broken=True),
        fragment("American", 136),
    )

    assert texts(page) == [
        "A long-term",
        "plan, a long wait, a term of office",
        "The Anglo-American",
    ]


def test_a_last_letter_set_apart_joins_its_word() -> None:
    page = page_of(fragment("Statement of Incom e", 100), fragment("Income rose, plan b", 124), fragment("plan", 136))

    assert texts(page) == ["Statement of Income", "Income rose, plan b", "plan"]


def test_headings_by_size_weight_wording_and_outline() -> None:
    body = [fragment("Body text that is long enough to be the body of the page.", 200 + 12 * n) for n in range(5)]
    large = Fragment("Large words", Box(72, 20, 150, 36), 16.0)
    page = page_of(
        large,
        fragment("Bold words", 50, bold=True),
        fragment("Total assets 12 13", 70, bold=True),
        fragment("RISK FACTORS", 90),
        fragment("just the outline knows", 120),
        *body,
        titles=frozenset({"justtheoutlineknows"}),
    )

    assert headings(page) == ["Large words", "Bold words", "RISK FACTORS", "just the outline knows"]


def test_the_head_of_a_table_is_no_heading() -> None:
    head = [fragment(f"Column head {word}", 50 + 12 * n, bold=True) for n, word in enumerate("abcd")]
    body = [fragment("Body text that is long enough to be the body of the page.", 200 + 12 * n) for n in range(5)]

    assert headings(page_of(*head, *body)) == []


def test_text_that_runs_upwards_is_not_mixed_with_the_rest() -> None:
    upwards = Fragment("margin note", Box(20, 90, 30, 200), 10.0, upright=False)

    assert texts(page_of(fragment("one", 100), upwards, fragment("two", 112))) == ["one", "margin note", "two"]


def test_a_page_without_fragments_is_kept() -> None:
    page = page_of()

    assert (page.text, page.lines, page.width) == ("", (), 612)
