"""Saved web pages: their main text with headings, lists and tables; one page."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from core.errors import EmptyDocument
from core.values import Page
from ingest.cleaning import clean_line
from ingest.flow import Flow
from ingest.html import tell_html
from ingest.parsers import Limits, Sample

_BEGINS = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).){0,4000}-->\s*)*<(?:!doctype html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<(?:p|div|h[1-6]|table|body|span|ul|ol|br|a|title|meta)\b", re.IGNORECASE)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What browsers make of these names; of all others only those below are believed.
_MEANT = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}
_BELIEVED = re.compile(
    r"utf-?8|windows-125\d|cp125\d|iso-8859-\d+|koi8-[ru]|gb18030|gbk|big5|shift_jis|euc-(?:jp|kr)|macintosh"
)
_NAMES = frozenset({".html", ".htm", ".xhtml"})
_BYTES_A_CHARACTER = 4  # markup and all; more is a page of scripts or of pictures written as text


class HtmlDocument:
    """A web page, read."""

    page_count = 1

    def __init__(self, path: Path, limits: Limits) -> None:
        limits.check_text(path.stat().st_size // _BYTES_A_CHARACTER)
        flow = Flow(limits)
        told = tell_html(decoded(path.read_bytes()), flow)
        if flow.is_empty:
            raise EmptyDocument("The page holds no text that a reader would see. Check the original and save it again.")
        self.title = clean_line(told.title) or flow.first_heading
        self.warnings = ("hidden_text",) if told.has_hidden else ()
        self._page = flow.page()

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """The one page."""
        on_page(last - first + 1)
        return [self._page]

    def close(self) -> None:
        """Nothing is held."""


def decoded(data: bytes) -> str:
    """The text of a page: by its mark, else as it says itself, else as UTF-8, else as Windows writes it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    named = _DECLARED.search(data[:_DECLARED_WITHIN])
    name = named[1].decode("ascii").lower() if named else "utf-8"
    encodings = [_MEANT.get(name, name)] if name in _MEANT or _BELIEVED.fullmatch(name) else []
    for encoding in ("utf-8", *encodings) if name.startswith("utf") else (*encodings, "utf-8"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


class HtmlParser:
    """Opens web pages."""

    media_type = "text/html"
    title = "web pages (.html)"
    rank = 50
    extensions: frozenset[str] = frozenset()

    def recognises(self, sample: Sample) -> bool:
        """It starts as pages do, or is called one and has tags in it."""
        if b"\x00" in sample.head and not sample.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return False
        head = decoded(sample.head)
        return bool(_BEGINS.match(head)) or (sample.extension in _NAMES and bool(_TAG.search(head)))

    def may_be_called(self, guessed: str) -> bool:
        """A web page is called .html."""
        return guessed in {self.media_type, "application/xhtml+xml"}

    def open(self, path: Path, limits: Limits) -> HtmlDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return HtmlDocument(path, limits)


PARSER = HtmlParser()
