"""Where quoted words stand on a page."""

from core.values import Box, Line, Page
from ingest.quoted import lines_with


def page(*texts: str) -> Page:
    """A page with one line of 10 points for each text."""
    lines, start = [], 0
    for index, text in enumerate(texts):
        lines.append(Line(start, start + len(text), _box(index)))
        start += len(text) + 1
    return Page(1, "\n".join(texts), tuple(lines), 100, 100)


def _box(index: int) -> Box:
    return Box(0, 10.0 * index, 100, 10.0 * index + 9)


def test_the_lines_of_the_words_and_no_others() -> None:
    contract = page("Notice", "The notice period", "is ninety days.", "Rent is due monthly.")

    assert lines_with(contract, "The notice period\nis ninety days.", []) == [_box(1), _box(2)]
    assert lines_with(contract, "ninety days", []) == [_box(2)]
    assert lines_with(contract, "ninety years", []) == []
    assert lines_with(contract, "", []) == []


def test_hyphens_case_and_space_do_not_matter() -> None:
    assert lines_with(page("the notice-", "period ends", "today"), "Notice  period", []) == [_box(0), _box(1)]


def test_of_several_places_the_one_in_the_passage() -> None:
    twice = page("Total 5", "Revenue 7", "Total 5")

    assert lines_with(twice, "Total 5", [Box(0, 19, 100, 30)]) == [_box(2)]
    assert lines_with(twice, "Total 5", []) == [_box(0)]
