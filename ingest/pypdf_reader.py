"""PDFs read by pypdf: title and outline of any PDF, and the text of those that PDFium cannot open.

pypdf is written in Python and meets files made to break parsers, so whatever it raises is translated here.
"""

import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from pypdf import PdfReader, PdfWriter
from pypdf.errors import DeprecationError, PyPdfError

from core.errors import CorruptDocument, PasswordRequired
from ingest.active import ACTIONS
from ingest.cleaning import clean_line
from ingest.headings import folded

logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# What a parser in Python raises when it walks over wrong data; pypdf wraps only some of it.
_TROUBLE = (
    PyPdfError,
    DeprecationError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_MAX_OUTLINE_ENTRIES = 5000
_T = TypeVar("_T")


class PypdfFile:
    """A PDF opened by pypdf. Raises `CorruptDocument` or `PasswordRequired`."""

    def __init__(self, path: Path) -> None:
        self._reader: PdfReader = _translated(lambda: PdfReader(path.open("rb"), strict=False))
        self.page_count: int = _translated(self._count)

    def _count(self) -> int:
        if self._reader.is_encrypted and not self._reader.decrypt(""):
            raise PasswordRequired("The PDF is encrypted. Give its password, or upload a copy without one.")
        return len(self._reader.pages)

    @property
    def title(self) -> str:
        """The title among the metadata, or an empty string."""
        try:
            return clean_line(str(_translated(self._title) or ""))
        except CorruptDocument:
            return ""

    def _title(self) -> str | None:
        metadata = self._reader.metadata
        return metadata.title if metadata is not None else None

    def outline_titles(self) -> frozenset[str]:
        """The outline's entries, folded for comparison."""
        try:
            return _translated(lambda: frozenset(_titles(self._reader.outline)))
        except CorruptDocument:
            return frozenset()

    def actions(self) -> frozenset[str]:
        """What happens in other programs when the document is opened, closed or printed; see `ingest.active`."""
        try:
            return _translated(lambda: frozenset(_actions(self._reader.root_object)))
        except CorruptDocument:
            return frozenset()

    def page_size(self, number: int) -> tuple[float, float]:
        """Width and height of the page as displayed, in points."""

        def size() -> tuple[float, float]:
            page = self._reader.pages[number - 1]
            width, height = float(page.cropbox.width), float(page.cropbox.height)
            return (height, width) if page.rotation % 180 else (width, height)

        try:
            return _translated(size)
        except CorruptDocument:
            return 0.0, 0.0

    def page_lines(self, number: int) -> list[str]:
        """The page's lines of text. Raises `CorruptDocument` when the page cannot be read."""

        def text() -> str:
            return self._reader.pages[number - 1].extract_text()

        return [line for line in map(clean_line, _translated(text).splitlines()) if line]

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


def decrypted(path: Path, password: str) -> bytes | None:
    """The PDF without its encryption; None when the password is not right. Raises `CorruptDocument`."""

    def copy() -> bytes | None:
        with path.open("rb") as file:
            reader = PdfReader(file, strict=False)
            if not reader.is_encrypted or not reader.decrypt(password):
                return None
            written = BytesIO()
            PdfWriter(clone_from=reader).write(written)
            return written.getvalue()

    return _translated(copy)


def _titles(outline: Any) -> Iterator[str]:
    """Titles of a nested outline, breadth first and not without end: an outline may contain itself."""
    waiting = [outline]
    count = 0
    while waiting and count < _MAX_OUTLINE_ENTRIES:
        for entry in waiting.pop():
            count += 1
            if isinstance(entry, list):
                waiting.append(entry)
            elif title := folded(str(entry.title or "")):
                yield title


def _actions(catalogue: Any) -> Iterator[str]:
    """The kinds of the actions in a catalogue that do something; what one leads to next is not looked at."""
    additional = catalogue.get("/AA")
    waiting = [catalogue.get("/OpenAction"), *(additional.get_object().values() if additional is not None else ())]
    for one in waiting:
        action = one.get_object() if one is not None else None
        if isinstance(action, dict) and action.get("/S") in ACTIONS:
            yield ACTIONS[action["/S"]]


def _translated(step: Callable[[], _T]) -> _T:
    try:
        return step()
    except _TROUBLE as error:
        raise CorruptDocument("The PDF is damaged: it can be read neither as it is nor by repairing it.") from error
