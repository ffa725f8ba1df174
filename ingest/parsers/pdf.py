"""PDF: text, lines and boxes by PDFium, title and outline by pypdf, which also reads what PDFium cannot open."""

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import CorruptDocument, EmptyDocument, PasswordRequired
from core.values import Line, Page
from ingest.headings import could_title, is_capitals, is_numbered
from ingest.layout import RawPage, lay_out
from ingest.parsers import Limits, Sample
from ingest.pdfium import PdfiumFile

if TYPE_CHECKING:
    from ingest.pypdf_reader import PypdfFile

_HEADER_WITHIN = 1024  # PDF 32000-1:2008, annex H, note 13
_HEADER = re.compile(rb"(?:^|[\r\n\x00\xbf])[ \t]*%PDF-")
_HEADLESS = re.compile(rb"(?:%[^\r\n]*\s+)*\d+ \d+ obj\b")


class PdfDocument:
    """An open PDF."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._characters = 0
        self._warnings: list[str] = []
        self._pdfium = self._open_pdfium()
        self.page_count = self._pdfium.page_count if self._pdfium else self._fallback_count()
        if self.page_count < 1:
            raise EmptyDocument("The PDF has no pages. Check the original and save it again.")
        limits.check_pages(self.page_count)

    def _open_pdfium(self) -> PdfiumFile | None:
        try:
            opened = PdfiumFile(self._path)
        except CorruptDocument:
            return None
        if opened.damaged:
            self._warn("damaged")
        if opened.page_count < 1 and self._pypdf is not None and self._pypdf.page_count:
            opened.close()
            return None
        return opened

    def _fallback_count(self) -> int:
        if self._pypdf is None:
            raise CorruptDocument("The PDF is damaged or incomplete and cannot be opened. Upload an intact copy.")
        self._warn("damaged")
        return self._pypdf.page_count

    @cached_property
    def _pypdf(self) -> "PypdfFile | None":
        # A third of the time that a child takes to start, and drawing pages has no use for it.
        from ingest.pypdf_reader import PypdfFile  # noqa: PLC0415

        try:
            return PypdfFile(self._path)
        except CorruptDocument:
            return None

    @property
    def title(self) -> str:
        """The title among the file's metadata."""
        return self._extras.title if self._extras else ""

    @cached_property
    def _extras(self) -> "PypdfFile | None":
        """Where to look for title and outline, or None where that is not worth its price."""
        if self._pdfium is not None and self._pdfium.damaged:
            return None  # pypdf repairs a damaged file by reading all of it in Python
        try:
            return self._pypdf
        except PasswordRequired:  # PDFium opened it, so this only concerns the extras
            return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """`damaged`, `fallback_parser`, and those of `ingest.active`, each once."""
        found = (self._pdfium.active if self._pdfium else frozenset()) | self._when_opened
        return (*self._warnings, *sorted(found))

    @cached_property
    def _when_opened(self) -> frozenset[str]:
        """What it would do when it is opened."""
        return self._extras.actions() if self._extras else frozenset()

    def _warn(self, code: str) -> None:
        if code not in self._warnings:
            self._warnings.append(code)

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Pages `first` to `last`, laid out together."""
        self._characters = 0
        raw_pages: list[RawPage] = []
        spare: dict[int, Page] = {}
        for number in range(first, last + 1):
            raw = self._pdfium.read_page(number, self._count_text) if self._pdfium else None
            if raw is None:
                spare[number] = self._fallback_page(number)
            else:
                raw_pages.append(raw)
            on_page(number - first + 1)
        titles = self._extras.outline_titles() if self._extras and raw_pages else frozenset[str]()
        pages = {page.number: page for page in lay_out(raw_pages, titles)} | spare
        return [pages[number] for number in range(first, last + 1)]

    def _count_text(self, characters: int) -> None:
        self._characters += characters
        self._limits.check_text(self._characters)

    def _fallback_page(self, number: int) -> Page:
        self._warn("damaged")
        if self._pypdf is None:
            return Page(number, "")
        try:
            texts = self._pypdf.page_lines(number)
        except CorruptDocument:
            return Page(number, "")
        self._warn("fallback_parser")
        self._count_text(sum(map(len, texts)))
        lines: list[Line] = []
        start = 0
        for text in texts:
            heading = could_title(text) and (is_numbered(text) or is_capitals(text))
            lines.append(Line(start, start + len(text), None, heading))
            start += len(text) + 1
        width, height = self._pypdf.page_size(number)
        return Page(number, "\n".join(texts), tuple(lines), width, height)

    def close(self) -> None:
        """Free both parsers' view of the file."""
        if self._pdfium is not None:
            self._pdfium.close()
        if "_pypdf" in self.__dict__ and self._pypdf is not None:
            self._pypdf.close()


class PdfParser:
    """Opens PDFs."""

    media_type = "application/pdf"
    title = "PDF"
    rank = 10
    extensions = frozenset({".pdf"})

    def recognises(self, sample: Sample) -> bool:
        """Readers accept the header anywhere in the first kilobyte; here it has to start a line, or be lost."""
        return bool(_HEADER.search(sample.head[:_HEADER_WITHIN]) or _HEADLESS.match(sample.head))

    def may_be_called(self, guessed: str) -> bool:
        """A PDF is called .pdf."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> PdfDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return PdfDocument(path, limits)


PARSER = PdfParser()
