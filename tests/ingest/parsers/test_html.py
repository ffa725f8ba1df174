"""Web pages: told from text, and decoded as they say themselves."""

import pytest

from core.errors import EmptyDocument
from ingest.media import choose_parser
from ingest.parsers import Limits
from ingest.parsers.html import PARSER, decoded
from tests.ingest.conftest import Written

LIMITS = Limits(100, 1_000_000, 1_000_000)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("<p>Größe".encode(), "<p>Größe"),
        ("<p>Größe".encode("cp1252"), "<p>Größe"),
        (b"\xef\xbb\xbf" + "<p>Größe".encode(), "<p>Größe"),
        (b"\xff\xfe" + "<p>Größe".encode("utf-16-le"), "<p>Größe"),
        ('<meta charset="iso-8859-1"><p>“Größe”'.encode("cp1252"), '<meta charset="iso-8859-1"><p>“Größe”'),
        ("<meta charset=shift_jis><p>日本".encode("shift_jis"), "<meta charset=shift_jis><p>日本"),
        ('<?xml encoding="ISO-8859-2"?><p>Łódź'.encode("iso-8859-2"), '<?xml encoding="ISO-8859-2"?><p>Łódź'),
        ("<meta charset=utf-8><p>Größe".encode("cp1252"), "<meta charset=utf-8><p>Größe"),
        (b"<meta charset=utf-7><p>+ADw-script", "<meta charset=utf-7><p>+ADw-script"),
        ("<meta charset=rot13><p>Größe".encode(), "<meta charset=rot13><p>Größe"),
        ("<meta charset=no-such><p>Größe".encode(), "<meta charset=no-such><p>Größe"),
    ],
)  # fmt: skip
def test_bytes_are_text_as_they_say(data: bytes, expected: str) -> None:
    assert decoded(data) == expected


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.html", b"<p>Words", "text/html"),
        ("a.txt", b"<p>Words", "text/plain"),
        ("a", b"\n <!-- saved -->\n<!DOCTYPE HTML><p>Words", "text/html"),
        (
            "a",
            b'<?xml version="1.0"?><html xmlns="x"><body>Words</body></html>',
            "text/html",
        ),
        ("a.html", b"Just words", "text/plain"),
    ],
)
def test_pages_are_told_from_text(name: str, data: bytes, media_type: str, written: Written) -> None:
    parser, _ = choose_parser(written("stored", data), name)

    assert parser.media_type == media_type


@pytest.mark.parametrize("html", [b"<!DOCTYPE html>", b"<html><script>all()</script></html>"])
def test_a_page_without_text_is_empty(html: bytes, written: Written) -> None:
    with pytest.raises(EmptyDocument):
        PARSER.open(written("a.html", html), LIMITS)
