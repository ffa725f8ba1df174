"""What the child says is checked."""

import pytest

from core.errors import NoPageImage, ParserLimit, UnreadableDocument
from core.values import Box, Line, Page
from ingest.messages import failure_from, failure_message, from_line, page_from, page_message, to_line

PAGE = Page(
    3, "Größe\nzwei", (Line(0, 5, Box(1.5, 2, 3, 4), heading=True), Line(6, 10, place="B5:F5")), 612, 792, "Budget 2024"
)


def test_a_page_survives_the_way() -> None:
    assert page_from(from_line(to_line(page_message(PAGE)))) == PAGE


@pytest.mark.parametrize("error", [NoPageImage("No picture."), ParserLimit("Too much.")])
def test_a_failure_survives_the_way(error: ParserLimit | NoPageImage) -> None:
    arrived = failure_from(from_line(to_line(failure_message(error))))

    assert (type(arrived), arrived.message) == (type(error), error.message)


def test_an_unknown_failure_is_still_one_of_reading() -> None:
    assert type(failure_from({"failed": {"code": "made_up", "message": "m"}})) is UnreadableDocument


@pytest.mark.parametrize(
    "message",
    [
        {"page": [1, "ab", 1, 1, "", 0, None, 0, [[0, 3, 0, ""]]]},
        {"page": [1, "ab", 1, 1, "", 0, None, 0, [[-1, 1, 0, ""]]]},
        {"page": [1, "ab", 1, 1, "", 0, None, 0, [[0, 1, 0, "", 1.0]]]},
        {"page": [1, None, 1, 1, "", 0, None, 0, []]},
        {"page": [1]},
    ],
)
def test_nonsense_is_refused(message: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        page_from(message)


@pytest.mark.parametrize("line", [b"", b"[1]\n", b"{\n", b"\xff\n"])
def test_a_line_has_to_hold_an_object(line: bytes) -> None:
    with pytest.raises(ValueError):
        from_line(line)
