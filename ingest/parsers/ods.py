"""Sheets of LibreOffice and others (OpenDocument): a page for each that holds something, values as they are shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import EmptyDocument
from core.filters import SHORT_TYPES
from core.values import Page
from ingest.open_document import TABLE, TEXT, OpenText, content_of, number_of, title_of
from ingest.packages import Element, Package
from ingest.parsers import Limits, Sample
from ingest.sheets import Row, Sheet, row_of

_MOST_COLUMNS = 16_384
_MOST_REPEATED = 100  # cells and rows that hold the same; empty ones are only counted


class OdsDocument:
    """A workbook, read."""

    def __init__(self, path: Path, limits: Limits) -> None:
        package = Package(path)
        try:
            content = content_of(package)
            self.title = title_of(package)
        finally:
            package.close()
        self._limits = limits
        self._text = OpenText(content)
        self._tables = [one for one in content.iter(f"{TABLE}table") if next(self._rows(one), None) is not None]
        self.page_count = len(self._tables)
        self._is_cut = False
        limits.check_pages(self.page_count)
        if not self._tables:
            raise EmptyDocument("The workbook has no cells with values. Check the original and save it again.")

    @property
    def warnings(self) -> tuple[str, ...]:
        """`hidden_text` and `cut_off`."""
        told = (("hidden_text", self._text.has_hidden), ("cut_off", self._is_cut))
        return tuple(code for code, is_so in told if is_so)

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Sheets `first` to `last`."""
        pages = []
        for number in range(first, last + 1):
            table = self._tables[number - 1]
            sheet = Sheet(self._limits, number, table.get(f"{TABLE}name") or f"Sheet {number}")
            sheet.tell(self._rows(table))
            self._is_cut = self._is_cut or sheet.is_cut
            pages.append(sheet.page())
            on_page(number - first + 1)
        return pages

    def close(self) -> None:
        """Nothing is held."""

    def _rows(self, table: Element) -> Iterator[Row]:
        number = 1
        for row in table.iter(f"{TABLE}table-row"):
            repeated = number_of(row, "rows-repeated")
            for place in range(min(repeated, _MOST_REPEATED)):
                told = row_of(number + place, self._cells(row))
                if told is None:
                    break
                yield told
            number += repeated

    def _cells(self, row: Element) -> Iterator[tuple[int, str]]:
        column = 1
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            repeated = number_of(cell, "columns-repeated")
            text = " ".join(self._text.text(one) for one in cell.iterchildren(f"{TEXT}p"))
            if text.strip():
                last = min(column + min(repeated, _MOST_REPEATED), _MOST_COLUMNS + 1)
                yield from ((place, text) for place in range(column, last))
            column += repeated


class OdsParser:
    """Opens workbooks."""

    media_type = SHORT_TYPES["ods"]
    title = "OpenDocument sheets (.ods)"
    rank = 41
    extensions = frozenset({".ods", ".ots"})

    def recognises(self, sample: Sample) -> bool:
        """The package says what it is, a workbook or a template."""
        return sample.package.removesuffix("-template") == self.media_type

    def may_be_called(self, guessed: str) -> bool:
        """A workbook is called .ods."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> OdsDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return OdsDocument(path, limits)


PARSER = OdsParser()
