"""Passages: within the limit, nothing lost, nothing twice, ending where the text pauses."""

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.values import Box, Line, Page, ParsedDocument, PassageDraft
from ingest.passages import split


def token_spans(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Words as tokens."""
    return [[match.span() for match in re.finditer(r"\S+", text)] for text in texts]


def page_of(text: str, number: int = 1, headings: Sequence[str] = ()) -> Page:
    """A page whose lines are those of the text, one box for each."""
    lines = []
    position = 0
    for index, line in enumerate(text.split("\n")):
        if line.strip():
            box = Box(72, 100 + 12 * index, 400, 110 + 12 * index)
            lines.append(Line(position, position + len(line), box, line in headings))
        position += len(line) + 1
    return Page(number, text, tuple(lines), 612, 792)


def split_pages(*pages: Page, limit: int = 50) -> tuple[PassageDraft, ...]:
    """Passages of a document with these pages."""
    return split(ParsedDocument("t", pages), token_spans, limit)


def words(count: int, word: str = "word") -> str:
    """A line of that many words."""
    return " ".join([word] * count)


_LINES = st.lists(
    st.one_of(
        st.just(""),
        st.lists(
            st.sampled_from(["word", "Sentence.", "End!", "42", "(1,577)", "—", "***", "ä", "x" * 30]), max_size=70
        ).map(" ".join),
    ),
    max_size=12,
).map("\n".join)


@given(st.lists(_LINES, max_size=3), st.integers(4, 60), st.data())
def test_nothing_is_lost_and_nothing_is_twice(texts: list[str], limit: int, data: st.DataObject) -> None:
    pages = [
        page_of(text, n, data.draw(st.lists(st.sampled_from(text.split("\n"))))) for n, text in enumerate(texts, 1)
    ]

    drafts = split_pages(*pages, limit=limit)

    for draft in drafts:
        text = pages[draft.page - 1].text
        assert draft.text == text[draft.start : draft.end] == draft.text.strip()
        assert re.search(r"\w", draft.text)
        assert len(token_spans([draft.text])[0]) <= limit
    for page in pages:
        spans = [(draft.start, draft.end) for draft in drafts if draft.page == page.number]
        assert spans == sorted(spans)
        covered = [position for start, end in spans for position in range(start, end)]
        assert len(covered) == len(set(covered))
        lost = [c for position, c in enumerate(page.text) if not c.isspace() and position not in set(covered)]
        assert not any(re.match(r"\w", c) for c in lost)


def test_text_between_a_parsers_lines_is_not_lost() -> None:
    page = Page(1, "first\nsecond\nthird", (Line(6, 12),))

    assert [draft.text for draft in split_pages(page)] == ["first\nsecond\nthird"]


def test_passages_end_at_headings_and_know_them() -> None:
    first = page_of(f"Costs\n{words(30)}\nSales\n{words(30)}", 1, ["Costs", "Sales"])
    second = page_of(words(30), 2)

    drafts = split_pages(first, second)

    assert [(draft.page, draft.heading, draft.text.split("\n")[0]) for draft in drafts] == [
        (1, "Costs", "Costs"),
        (1, "Costs › Sales", "Sales"),
        (2, "Costs › Sales", words(30)),
    ]


def test_a_tiny_section_goes_with_the_next_and_a_tiny_last_one_with_the_one_before() -> None:
    start = split_pages(page_of(f"A\nfew words\nB\n{words(30)}", 1, ["A", "B"]))
    end = split_pages(page_of(f"A\n{words(30)}\nB\nfew words", 1, ["A", "B"]))

    assert [draft.heading for draft in start] == ["A › B"]
    assert [draft.heading for draft in end] == ["A"]


def test_a_title_stands_at_the_top_of_its_page() -> None:
    below_a_header = page_of(f"Annual report\nCosts\n{words(30)}\nSales\n{words(30)}", 1, ["Costs", "Sales"])
    below_text = page_of(f"{words(30)}\nCosts\n{words(30)}\nSales\n{words(30)}", 1, ["Costs", "Sales"])

    assert split_pages(below_a_header)[-1].heading == "Costs › Sales"
    assert split_pages(below_text)[-1].heading == "Sales"


def test_headings_in_a_row_are_one() -> None:
    (draft,) = split_pages(page_of(f"# Part one\n## Costs\n{words(30)}", 1, ["# Part one", "## Costs"]))

    assert draft.heading == "Part one Costs"


def test_a_long_section_is_cut_evenly_at_sentences() -> None:
    text = "\n".join([f"{words(9)} end. {words(4, 'Word')}"] * 4 + [words(5)])

    drafts = split_pages(page_of(text), limit=50)

    assert [len(draft.text.split()) for draft in drafts] == [24, 37] or [
        len(draft.text.split()) for draft in drafts
    ] == [38, 23]
    assert drafts[0].text.endswith("end.")


def test_rows_of_a_table_stay_whole() -> None:
    rows = [f"Some label ending abc. Row {n} 1,577 (1,373) 1,420" for n in range(12)]

    drafts = split_pages(page_of("\n".join(rows)), limit=50)

    assert [row for draft in drafts for row in draft.text.split("\n")] == rows


def test_an_endless_line_is_cut_between_words() -> None:
    drafts = split_pages(page_of(words(170)), limit=50)

    assert sum(len(draft.text.split()) for draft in drafts) == 170
    assert max(len(draft.text.split()) for draft in drafts) <= 50


def test_boxes_of_close_lines_are_one() -> None:
    (draft,) = split_pages(page_of("one\ntwo\n\n\n\n\nthree"))

    assert draft.boxes == (Box(72, 100, 400, 122), Box(72, 172, 400, 182))


def test_signs_without_words_are_no_passage() -> None:
    assert split_pages(page_of("* * *\n—")) == ()


def test_a_passage_stands_where_its_lines_do() -> None:
    text = "Costs of the year\nRent 100\nHeating 20"
    lines = (Line(0, 17, heading=True), Line(18, 26, place="A2:B2"), Line(27, 37, place="A3:B3"))

    (draft,) = split_pages(Page(1, text, lines, name="Costs"))

    assert draft.place == "Costs"
    assert [(text[one.start : one.end], one.text) for one in draft.places] == [
        ("Costs of the year", "Costs"),
        ("Rent 100", "Costs!A2:B2"),
        ("Heating 20", "Costs!A3:B3"),
    ]


def test_rows_of_a_sheet_are_one_range() -> None:
    text = "Rent 100\nHeating 20"
    lines = (Line(0, 8, place="A2:B2"), Line(9, 19, place="A3:C3"))

    (draft,) = split_pages(Page(1, text, lines, name="Costs"))

    assert draft.place == "Costs!A2:C3"


def test_what_has_no_place_of_its_own_has_none() -> None:
    (draft,) = split_pages(page_of("A line."))

    assert (draft.place, draft.places) == ("", ())
