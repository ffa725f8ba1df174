"""XLSX, with macros or without: a page for each sheet, values as they are shown, formulas as they came out.

Nothing is calculated, no macro is looked at, and links to other files are left alone.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import ArchivarError, CorruptDocument, EmptyDocument
from core.values import Page
from ingest.cleaning import clean_line
from ingest.number_formats import told
from ingest.packages import SHEETS, Package
from ingest.parsers import Limits, Sample
from ingest.sheets import Row, Sheet, row_of

# What openpyxl raises at files that are not as they should be.
_FAILURES = (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError, AssertionError)

# A formula in a cell that has no result: the program that wrote it left calculating to others.
_WITHOUT_RESULT = re.compile(
    rb"(?:</(?:\w{1,20}:)?f>|<(?:\w{1,20}:)?f\b[^>]{0,200}/>)\s{0,80}"
    rb"(?:<(?:\w{1,20}:)?v\s?(?:/>|></(?:\w{1,20}:)?v>)\s{0,80})?</(?:\w{1,20}:)?c>"
)
_SHEET_PARTS = "xl/worksheets/"


class XlsxDocument:
    """An open workbook."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._warnings: list[str] = []
        package = Package(path)  # for its limits
        try:
            self.title = package.title()
            for part in package.names():
                if part.endswith((".xml", ".rels")):
                    package.refuse_declarations(part)
                if part.startswith(_SHEET_PARTS) and part.endswith(".xml") and package.holds(part, _WITHOUT_RESULT):
                    self._warnings.append("uncalculated")
        finally:
            package.close()
        self._file = path.open("rb")
        self._book = self._opened()
        self._sheets = [sheet for sheet in self._book.worksheets if hasattr(sheet, "iter_rows") and _holds(sheet)]
        try:
            limits.check_pages(len(self._sheets))
            if not self._sheets and self._warnings:
                raise EmptyDocument(
                    "The workbook has nothing but formulas whose results were not saved. "
                    "Open it in a spreadsheet program, save it there and upload that."
                )
            if not self._sheets:
                raise EmptyDocument("The workbook has no sheets with cells. Check the original and save it again.")
        except ArchivarError:
            self.close()
            raise
        self.page_count = len(self._sheets)

    @property
    def warnings(self) -> tuple[str, ...]:
        """`uncalculated`, `damaged` and `cut_off`, each once."""
        return tuple(dict.fromkeys(self._warnings))

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Sheets `first` to `last`."""
        pages = []
        for number in range(first, last + 1):
            pages.append(self._page(number))
            on_page(number - first + 1)
        return pages

    def _page(self, number: int) -> Page:
        cells = self._sheets[number - 1]
        name = clean_line(str(cells.title)) or f"Sheet {number}"
        sheet = Sheet(self._limits, number, name if cells.sheet_state == "visible" else f"{name} (hidden)")
        try:
            sheet.tell(_rows(cells))
        except _FAILURES:
            self._warnings.append("damaged")
        if sheet.is_cut:
            self._warnings.append("cut_off")
        return sheet.page()

    def close(self) -> None:
        """Close the file."""
        self._book.close()
        self._file.close()

    def _opened(self) -> Any:
        import openpyxl  # noqa: PLC0415 - a fifth of a second, which other formats have no use for

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and validations
                return openpyxl.load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
        except _FAILURES as error:
            self._file.close()
            raise CorruptDocument(
                "The workbook is damaged and cannot be opened. Save it again and upload that."
            ) from error


def _holds(sheet: Any) -> bool:
    """Whether anything stands in a sheet; new workbooks have sheets that nobody has used."""
    try:
        return next(_rows(sheet), None) is not None
    except _FAILURES:
        return True  # reading it will tell


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # they may lie
    for cells in sheet.iter_rows():
        filled = [cell for cell in cells if cell.value is not None]
        if filled:
            row = row_of(filled[0].row, ((cell.column, told(cell.value, cell.number_format)) for cell in filled))
            if row is not None:
                yield row


class XlsxParser:
    """Opens workbooks."""

    media_type = SHEETS
    title = "Excel (.xlsx)"
    rank = 40
    extensions = frozenset({".xlsx", ".xlsm"})

    def recognises(self, sample: Sample) -> bool:
        """A package that says so."""
        return sample.package == SHEETS

    def may_be_called(self, guessed: str) -> bool:
        """A workbook is called .xlsx or .xlsm."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> XlsxDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return XlsxDocument(path, limits)


PARSER = XlsxParser()
