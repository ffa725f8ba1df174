"""Plain text: UTF-8, UTF-16 with a byte order mark, else Latin-1 with the additions of Windows."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from core.errors import EmptyDocument, UnsupportedDocument
from core.values import Line, Page
from ingest.cleaning import clean_text
from ingest.headings import could_title, is_capitals, is_numbered
from ingest.parsers import Limits, Sample

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Text by their bytes, but what people read in them is not what they say: they need parsers of their own.
_MARKUP = re.compile(rb"\s*(?:<!doctype html|<html|<\?xml|<svg|\{\\rtf|%!ps|<%pdf)", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^ {0,3}#{1,6}\s+\S")
_UNDERLINE = re.compile(r"^(=+|-{3,}|~{3,})$")
_FILLED_LINE = 40  # headings in running text are shorter than its lines


class TextDocument:
    """A text file, decoded; form feeds separate pages."""

    title = ""
    warnings: tuple[str, ...] = ()

    def __init__(self, path: Path, limits: Limits) -> None:
        limits.check_text(path.stat().st_size // 4)  # no encoding takes more than four bytes for a character
        text = clean_text(decoded(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n"))
        if not text.strip():
            raise EmptyDocument("The file holds nothing but white space. Check the original and upload it again.")
        limits.check_text(len(text))
        self._pages = text.rstrip().split("\f")
        self.page_count = len(self._pages)
        limits.check_pages(self.page_count)

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Pages `first` to `last`."""
        pages = []
        for number in range(first, last + 1):
            text = self._pages[number - 1]
            pages.append(Page(number, text, tuple(_lines(text))))
            on_page(number - first + 1)
        return pages

    def close(self) -> None:
        """Nothing is held."""


def decoded(data: bytes) -> str:
    """Bytes as text. Raises `UnsupportedDocument` where they are none."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if _CONTROLS.search(data):
        raise UnsupportedDocument("The file starts like text but holds binary data. Check the original.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def is_text(head: bytes) -> bool:
    """Whether a file that starts so is text, and no markup that needs a parser of its own."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return len(head) % 2 == 0
    return not _CONTROLS.search(head) and not _MARKUP.match(head)


def _lines(text: str) -> list[Line]:
    """Lines that hold something, with headings marked."""
    raw = text.split("\n")
    bare = [line.strip() for line in raw]
    lines = []
    position = 0
    for index, line in enumerate(raw):
        if bare[index]:
            start = position + len(line) - len(line.lstrip())
            lines.append(Line(start, start + len(bare[index]), None, _is_heading(bare, index)))
        position += len(line) + 1
    return lines


def _is_heading(bare: list[str], index: int) -> bool:
    line = bare[index]
    before = bare[index - 1] if index else ""
    after = bare[index + 1] if index + 1 < len(bare) else ""
    if _MARKDOWN_HEADING.match(line):
        return True
    if not could_title(line):
        return False
    if _UNDERLINE.match(after) and len(after) * 2 >= len(line):
        return True
    if before or after:
        return False
    return is_numbered(line) or is_capitals(line) or len(line) <= _FILLED_LINE


class TextParser:
    """Opens plain text."""

    media_type = "text/plain"
    title = "plain text"
    rank = 1000
    extensions: frozenset[str] = frozenset()

    def recognises(self, sample: Sample) -> bool:
        """Text has no control characters besides white space and escapes, or says by its mark that it is UTF-16."""
        return is_text(sample.head)

    def may_be_called(self, guessed: str) -> bool:
        """Much that is text has a name of its own, such as .csv or .json."""
        return guessed.startswith("text/") or guessed in {"application/json", "application/x-sh", "application/x-tex"}

    def open(self, path: Path, limits: Limits) -> TextDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return TextDocument(path, limits)


PARSER = TextParser()
