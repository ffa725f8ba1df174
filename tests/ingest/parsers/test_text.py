"""Reading plain text."""

import pytest

from core.errors import EmptyDocument, ParserLimit, UnsupportedDocument
from core.values import Page
from ingest.parsers import Limits
from ingest.parsers.text import PARSER
from tests.ingest.conftest import Written

LIMITS = Limits(max_pages=3, max_text_chars=1000, max_image_pixels=1)


def pages_of(written: Written, data: bytes) -> list[Page]:
    """The pages of a file with these bytes."""
    document = PARSER.open(written("a.txt", data), LIMITS)
    return document.read(1, document.page_count, lambda _: None)


@pytest.mark.parametrize(
    "data",
    [
        "Größe €".encode(),
        "Größe €".encode("utf-8-sig"),
        "Größe €".encode("utf-16"),
        b"\xfe\xff" + "Größe €".encode("utf-16-be"),
        "Größe €".encode("cp1252"),
    ],
)
def test_encodings(data: bytes, written: Written) -> None:
    assert [page.text for page in pages_of(written, data)] == ["Größe €"]


def test_lines_lie_in_the_text_and_form_feeds_part_pages(written: Written) -> None:
    first, second = pages_of(written, b"one\r\n  two\r\n\r\n\fthree\n")

    assert [first.text[line.start : line.end] for line in first.lines] == ["one", "two"]
    assert [second.text[line.start : line.end] for line in second.lines] == ["three"]
    assert [line.box for line in first.lines] == [None, None]


def test_headings(written: Written) -> None:
    text = """# Markdown

Body text of the first section, which is longer than any heading.

Underlined
==========
More body text.

Alone

It goes on here. A sentence alone.

2.1 Numbered
follows at once.
"""

    (page,) = pages_of(written, text.encode())

    found = [page.text[line.start : line.end] for line in page.lines if line.heading]
    assert found == ["# Markdown", "Underlined", "Alone"]


@pytest.mark.parametrize("data", [b" \n\t\r\n", "\ufeff".encode(), b"\f\f"])
def test_white_space_is_empty(data: bytes, written: Written) -> None:
    with pytest.raises(EmptyDocument, match="white space"):
        pages_of(written, data)


def test_binary_data_further_down(written: Written) -> None:
    with pytest.raises(UnsupportedDocument, match="binary"):
        pages_of(written, b"text " + b"\x00\x01")


def test_limits(written: Written) -> None:
    with pytest.raises(ParserLimit, match="ARCHIVAR_MAX_TEXT_CHARS"):
        pages_of(written, b"word " * 300)
    with pytest.raises(ParserLimit, match="ARCHIVAR_MAX_PAGES"):
        pages_of(written, b"a\fb\fc\fd")
