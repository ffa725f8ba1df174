"""Pages made of what was read in their pictures."""

import math

import pytest

from core.values import Box, Page
from ingest.recognition import Sighting, Strip
from ingest.scans import page_of

WIDTH, HEIGHT, SCALE = 600.0, 800.0, 2.0


def strip(text: str, left: float, top: float, score: float = 0.99, slant: float = 0.0) -> Strip:
    """A line 10 points high whose first corner lies there; in pixels, as the model gives it."""
    width, height = 6.0 * len(text), 10.0
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    turned = [
        (left + x * math.cos(slant) - y * math.sin(slant), top + x * math.sin(slant) + y * math.cos(slant))
        for x, y in corners
    ]
    return Strip(text, score, tuple((x * SCALE, y * SCALE) for x, y in turned))


def seen(*strips: Strip, turns: int = 0) -> Page:
    """The page on which these lines were read."""
    return page_of(3, Sighting(turns, strips), WIDTH, HEIGHT, SCALE)


def box_of(page: Page) -> Box:
    """Where its first line stands."""
    box = page.lines[0].box
    assert box is not None
    return box


def test_lines_have_their_text_and_place() -> None:
    page = seen(strip("second line", 50, 111), strip("first line", 50, 100))

    assert (page.number, page.text, page.scanned) == (3, "first line\nsecond line", True)
    assert (page.width, page.height) == (WIDTH, HEIGHT)
    box = box_of(page)
    assert 50 <= box.left < 52 and 100 <= box.top < 102 and 108 < box.bottom <= 110 and 108 < box.right <= 110


def test_pieces_of_one_row_are_one_line() -> None:
    page = seen(strip("32,765", 400, 101), strip("Net sales", 50, 100), strip("31,657", 300, 100))

    assert page.text == "Net sales 31,657 32,765"


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (0, (100, 200, 160, 210)),
        (1, (WIDTH - 210, 100, WIDTH - 200, 160)),
        (2, (WIDTH - 160, HEIGHT - 210, WIDTH - 100, HEIGHT - 200)),
        (3, (200, HEIGHT - 160, 210, HEIGHT - 100)),
    ],
)
def test_boxes_of_a_turned_page_lie_on_the_page_as_displayed(turns: int, expected: tuple[float, ...]) -> None:
    box = box_of(seen(strip("ten letter", 100, 200), turns=turns))

    assert (box.left, box.top, box.right, box.bottom) == pytest.approx(expected, abs=2)


def test_a_crooked_page_is_read_straight() -> None:
    slant = math.radians(3)
    row = [strip("a label of some length", 50, 100, slant=slant)]
    row.append(strip("a figure further to the right", 350, 100 + 300 * math.tan(slant), slant=slant))
    below = strip("the label of the next row", 50, 115, slant=slant)

    page = seen(below, *row)

    assert page.text.splitlines()[0] == "a label of some length a figure further to the right"
    assert box_of(page).top == pytest.approx(100, abs=4)


def test_how_sure_it_is_counts_characters_and_what_was_left_out() -> None:
    page = seen(strip("x" * 30, 50, 100, score=1.0), strip("y" * 10, 50, 120, score=0.2))

    assert page.text == "x" * 30
    assert page.confidence == pytest.approx(0.8)


def test_a_page_on_which_nothing_is_read() -> None:
    page = seen()

    assert (page.text, page.lines, page.confidence, page.scanned) == ("", (), None, True)


def test_broken_words_are_made_whole() -> None:
    page = seen(
        strip("the lease of the ware-", 50, 100), strip("house ends, and a long-", 50, 111), strip("Term one", 50, 122)
    )

    assert page.text.splitlines() == ["the lease of the warehouse", "ends, and a long-", "Term one"]


def test_a_line_in_larger_letters_is_a_heading() -> None:
    title = Strip("Terms of payment", 0.99, ((100, 60), (600, 60), (600, 110), (100, 110)))
    page = seen(title, *(strip(f"line {n} of the text below the title.", 50, 100 + 14 * n) for n in range(5)))

    assert [line.heading for line in page.lines] == [True] + [False] * 5


def test_characters_that_nobody_sees_are_taken_out() -> None:
    assert seen(strip("plain\u202e\u200b text", 50, 100)).text == "plain text"
