"""Parts of long pages: together they are the page, and each passage lies in one of them."""

import pytest

from core.values import Page, Passage
from web.page_parts import part_of

TEXT = "\n\n".join(f"  Passage number {number}." for number in range(1, 401)) + "\n"


def passages() -> list[Passage]:
    found = []
    for number in range(1, 401):
        words = f"Passage number {number}."
        start = TEXT.index(words)
        found.append(Passage(number, "d", "v", "c", "f", "t", 1, start, start + len(words), words, ""))
    return found


def test_parts_are_the_whole_page() -> None:
    parts = [part_of(Page(1, TEXT), passages(), number=number) for number in (1, 2, 3)]

    assert "".join(part.text for part in parts) == TEXT
    assert [(part.number, part.count, len(part.passages)) for part in parts] == [(1, 3, 150), (2, 3, 150), (3, 3, 100)]
    for part in parts:
        assert all(part.text[one.start : one.end] == one.text for one in part.passages)


@pytest.mark.parametrize(("passage_id", "number"), [(1, 1), (150, 1), (151, 2), (400, 3), (999, 1)])
def test_a_passage_lies_in_its_part(passage_id: int, number: int) -> None:
    assert part_of(Page(1, TEXT), passages(), passage_id=passage_id).number == number


def test_short_pages_have_one_part() -> None:
    part = part_of(Page(1, "Words"), [], number=7)

    assert (part.number, part.count, part.text, part.passages) == (1, 1, "Words", ())
