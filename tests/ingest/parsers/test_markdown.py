"""Markdown: text without its marks."""

import pytest

from core.errors import EmptyDocument, UnsupportedDocument
from ingest.parsers import Limits, OpenDocument
from ingest.parsers.markdown import PARSER
from tests.ingest.conftest import Written

LIMITS = Limits(100, 1_000_000, 1_000_000)


def opened(written: Written, text: str) -> OpenDocument:
    return PARSER.open(written("a.md", text.encode()), LIMITS)


def lines(written: Written, text: str) -> list[tuple[str, str]]:
    (page,) = opened(written, text).read(1, 1, lambda _: None)
    return [(page.text[line.start : line.end], line.place) for line in page.lines]


def test_marks_are_gone_and_places_told(written: Written) -> None:
    text = (
        "# House *rules*\r\n\r\nNo **smoking** [here](http://x.example).\r\nNever.\r\n\r\n- one `code`\r\n- two\r\n"
        "  1. inner\r\n  2. next\r\n\r\n## Fees\r\n\r\n| Room | 2024 |\r\n|---|--:|\r\n| **Hall** | 10 |\r\n\r\n"
        "```\r\nx = 1\r\n```\r\n\r\n![A plan](plan.png)\r\n"
    )

    assert lines(written, text) == [
        ("House rules", "House rules"),
        ("No smoking here. Never.", "House rules"),
        ("• one code", "House rules"),
        ("• two", "House rules"),
        ("1. inner", "House rules"),
        ("2. next", "House rules"),
        ("Fees", "House rules › Fees"),
        ("Room: Hall | 2024: 10", "House rules › Fees › Table 1 › row 2"),
        ("x = 1", "House rules › Fees"),
        ("A plan", "House rules › Fees"),
    ]


def test_html_within_is_read_as_html(written: Written) -> None:
    text = "One<br>two\n\n<div hidden>secret</div>\n\n<table><tr><td>a<td>1</table>\n"

    assert lines(written, text) == [("One", "paragraph 1"), ("two", "paragraph 1"), ("a | 1", "Table 1 › row 1")]
    assert opened(written, text).warnings == ("hidden_text",)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('---\ntitle: "House rules"\ndate: 2024\n---\n# Other\n', "House rules"),
        ("---\ndate: 2024\n---\n# Other\n", "Other"),
        ("Words\n\n## Second\n", "Second"),
        ("---\nWords\n", ""),
    ],
)
def test_the_title_is_in_front_or_the_first_heading(text: str, title: str, written: Written) -> None:
    document = opened(written, text)

    assert document.title == title
    assert "date" not in document.read(1, 1, lambda _: None)[0].text


def test_what_holds_no_text(written: Written) -> None:
    with pytest.raises(EmptyDocument):
        opened(written, "---\n---\n\n<!-- nothing -->\n")
    with pytest.raises(UnsupportedDocument):
        PARSER.open(written("a.md", b"# Words\n" * 9000 + b"\x00\x01"), LIMITS)


def test_what_is_very_long_is_read_as_plain_text(written: Written) -> None:
    document = PARSER.open(written("a.md", b"# Title\n\nWords of it.\n" * 200_000), Limits(10, 10_000_000, 1))

    (page,) = document.read(1, 1, lambda _: None)
    assert page.text.startswith("# Title\n\nWords of it.")
