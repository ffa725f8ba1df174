"""PDFium at its C interface: opens a file and gives each page's fragments of text with boxes, size and weight.

PDFium may run in one thread of a process only. Asking it for the boxes of all characters takes longer than
everything else together, so a line's box comes from three of its characters.
"""

import ctypes
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pypdfium2.raw as pdfium

from core.errors import CorruptDocument, PasswordRequired
from core.values import Box
from ingest import active
from ingest.attached import AttachedFile
from ingest.cleaning import clean_line
from ingest.hidden import hidden_words
from ingest.layout import Fragment, RawPage
from ingest.scanned import needs_eyes

# PDFium marks with U+FFFE (formerly U+0002) the hyphen of a word that goes on in the next line.
_LINE = re.compile(r"([^\r\n\ufffe\x02]+)([\ufffe\x02]?)")
_LINE_ENDS, _SPACE = frozenset({0x0A, 0x0D}), 0x20
_BOLD_NAME = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_FORCE_BOLD = 1 << 18  # PDF 32000-1:2008, table 123
_BOLD_WEIGHT = 600
_Corner = Callable[[float, float], tuple[float, float]]


class PdfiumFile:
    """A PDF opened by PDFium. `active` holds what it would do elsewhere, as far as it was read; see there.

    Raises `PasswordRequired`, or `CorruptDocument` when PDFium cannot open it.
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes() if isinstance(path, AttachedFile) else b""  # PDFium reads on in it
        self._document: Any = (
            pdfium.FPDF_LoadMemDocument64(self._data, len(self._data), None)
            if self._data
            else pdfium.FPDF_LoadDocument(os.fsencode(path), None)
        )
        if not self._document:
            if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD:
                raise PasswordRequired("The PDF is encrypted. Give its password, or upload a copy without one.")
            raise CorruptDocument("The file cannot be opened as a PDF: it is damaged or incomplete.")
        self.page_count: int = pdfium.FPDF_GetPageCount(self._document)
        self.active: set[str] = set(active.of_document(self._document))
        self.damaged = not pdfium.FPDF_DocumentHasValidCrossReferenceTable(self._document)

    def read_page(self, number: int, check_text: Callable[[int], None]) -> RawPage | None:
        """The page (from 1), or None when it cannot be loaded; `check_text` is told its length before it is read."""
        page = pdfium.FPDF_LoadPage(self._document, number - 1)
        if not page:
            return None
        text_page = pdfium.FPDFText_LoadPage(page)
        try:
            width, height, corner = _geometry(page)
            self.active.update(active.of_page(page))
            if not text_page:
                return RawPage(number, width, height, (), needs_eyes(page, "", width * height))
            check_text(pdfium.FPDFText_CountChars(text_page))
            hidden = hidden_words(page, text_page)
            text = _PageText(text_page, corner, hidden)
            scanned = needs_eyes(page, text.units, width * height)
            return RawPage(number, width, height, tuple(text.fragments()), scanned, len(hidden))
        finally:
            if text_page:
                pdfium.FPDFText_ClosePage(text_page)
            pdfium.FPDF_ClosePage(page)

    def close(self) -> None:
        """Free the document."""
        if self._document:
            pdfium.FPDF_CloseDocument(self._document)
            self._document = None


def _geometry(page: Any) -> tuple[float, float, _Corner]:
    """Width and height as displayed, and the function from page coordinates to points from the top left."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box))
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    turns: tuple[_Corner, ...] = (
        lambda x, y: (x - left, top - y),
        lambda x, y: (y - bottom, x - left),
        lambda x, y: (right - x, y - bottom),
        lambda x, y: (top - y, right - x),
    )
    rotation = pdfium.FPDFPage_GetRotation(page) % 4
    width, height = right - left, top - bottom
    return (height, width, turns[rotation]) if rotation % 2 else (width, height, turns[rotation])


class _PageText:
    """The text of one page. Positions in the text count UTF-16 units, which is how PDFium counts."""

    def __init__(self, text_page: Any, corner: _Corner, hidden: Sequence[Sequence[int]]) -> None:
        self._page = text_page
        self._corner = corner
        self._hidden = hidden
        self._rect = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()
        self._rect_ref = ctypes.byref(self._rect)
        self._matrix_ref = ctypes.byref(self._matrix)

    def fragments(self) -> Iterator[Fragment]:
        """One fragment for each line that PDFium sees."""
        for match in _LINE.finditer(self.units):
            raw = match.group(1)
            text = clean_line(_characters(raw))
            if text:
                lead = len(raw) - len(raw.lstrip())
                start, end = match.start(1) + lead, match.start(1) + len(raw.rstrip())
                yield self._fragment(text, start, end, broken=bool(match.group(2)))

    @cached_property
    def units(self) -> str:
        """The text as PDFium gives it, one character for each UTF-16 unit, spaces in place of hidden words."""
        count = pdfium.FPDFText_CountChars(self._page)
        # Characters outside the basic plane take two units each.
        buffer = (ctypes.c_ushort * (2 * count + 2))()
        written = max(pdfium.FPDFText_GetText(self._page, 0, count, buffer) - 1, 0)
        for word in self._hidden:
            self._blank(buffer, word, written)
        text = bytes(buffer)[: 2 * written].decode("utf-16-le", "surrogatepass")
        return text if len(text) == written else "".join(map(chr, buffer[:written]))

    def _blank(self, buffer: "ctypes.Array[ctypes.c_ushort]", word: Sequence[int], written: int) -> None:
        starts = [pdfium.FPDFText_GetTextIndexFromCharIndex(self._page, index) for index in (word[0], word[-1] + 1)]
        end = starts[1] if starts[1] > starts[0] else starts[0] + len(word)
        for position in range(max(starts[0], 0), min(end, written)):
            if buffer[position] not in _LINE_ENDS:
                buffer[position] = _SPACE

    def _fragment(self, text: str, start: int, end: int, *, broken: bool) -> Fragment:
        first = max(pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, start), 0)
        last = max(pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, end - 1), first)
        box = self._box((first, (first + last) // 2, last))
        matrix = self._matrix
        pdfium.FPDFText_GetMatrix(self._page, first, self._matrix_ref)
        scale = max((matrix.c**2 + matrix.d**2) ** 0.5, 0.01)
        along, origin = self._corner(matrix.a, matrix.b), self._corner(0.0, 0.0)
        return Fragment(
            text,
            box,
            size=pdfium.FPDFText_GetFontSize(self._page, first) * scale,
            bold=self._bold(first) and self._bold(last),
            upright=abs(along[0] - origin[0]) >= abs(along[1] - origin[1]),
            broken=broken,
        )

    def _box(self, characters: tuple[int, ...]) -> Box:
        rect = self._rect
        corners = []
        for index in characters:
            if pdfium.FPDFText_GetLooseCharBox(self._page, index, self._rect_ref):
                corners += [self._corner(rect.left, rect.top), self._corner(rect.right, rect.bottom)]
        if not corners:
            return Box(0.0, 0.0, 0.0, 0.0)
        xs, ys = zip(*corners, strict=True)
        return Box(round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))

    def _bold(self, index: int) -> bool:
        pdfium.FPDFText_GetFontInfo(self._page, index, self._name, 128, ctypes.byref(self._flags))
        if _bold_name(self._name.value) or self._flags.value & _FORCE_BOLD:
            return True
        weight: int = pdfium.FPDFText_GetFontWeight(self._page, index)
        return weight >= _BOLD_WEIGHT


@lru_cache(maxsize=256)
def _bold_name(name: bytes) -> bool:
    return _BOLD_NAME.search(name) is not None


def _characters(units: str) -> str:
    """Pairs of UTF-16 units made one character again."""
    if units.isascii():
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
