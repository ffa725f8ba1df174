"""Names from outside become safe, and stay recognisable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.names import clean_path, clean_tag, numbered, shown


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("2021/report.pdf", "2021/report.pdf"),
        ("../../etc/passwd", "etc/passwd"),
        ("C:\\Users\\me\\a.pdf", "C:/Users/me/a.pdf"),
        ("/absolute/a.pdf", "absolute/a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("u\u0308ber.txt", "über.txt"),
        ("...", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_clean_path(raw: str, clean: str) -> None:
    assert clean_path(raw) == clean


@given(st.text(max_size=400))
def test_no_path_escapes(raw: str) -> None:
    parts = clean_path(raw).split("/")

    assert parts
    assert all(part and part.strip(".") and "\x00" not in part and len(part.encode()) <= 255 for part in parts)


def test_an_endless_path_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        clean_path("folder/" * 1000)


def test_numbered() -> None:
    assert numbered("a/b.pdf", 2) == "a/b (2).pdf"
    assert numbered("a/.env", 3) == "a/.env (3)"


def test_shown_does_not_turn_around() -> None:
    assert shown("a\u202efdp.exe\u200f") == "afdp.exe"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [(" Q3\u00a0\tReports ", "q3 reports"), ("STRASSE", "strasse"), ("Cafe\u0301", "café"), ("x" * 64, "x" * 64)],
)
def test_clean_tag(raw: str, clean: str) -> None:
    assert clean_tag(raw) == clean


@pytest.mark.parametrize("raw", ["", " \t", "a,b", "x" * 65, "a\0", "a\x1b[2J", "a\u202eb", "\ud800", "\u200b"])
def test_what_is_no_tag_is_refused(raw: str) -> None:
    with pytest.raises(InvalidRequest):
        clean_tag(raw)


@given(st.text(max_size=80))
def test_a_tag_is_written_in_one_way(raw: str) -> None:
    try:
        tag = clean_tag(raw)
    except InvalidRequest:
        return
    assert clean_tag(tag) == tag
    assert 1 <= len(tag) <= 64 and tag.isprintable() and "," not in tag
