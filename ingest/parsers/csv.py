"""CSV and TSV: one table, each row under its headings; the first line is one of them where it reads so."""

import csv
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from core.errors import EmptyDocument
from core.values import Page
from ingest.parsers import Limits, Sample
from ingest.parsers.text import decoded, is_text
from ingest.sheets import Row, Sheet, row_of

_DELIMITERS = ",;\t|"
_SAMPLED = 100  # records that tell the delimiter
_EXTENSIONS = frozenset({".csv", ".tsv", ".tab"})
_MOST_FIELD_CHARACTERS = 131_072


class CsvDocument:
    """A table in a text file, read."""

    title = ""
    page_count = 1

    def __init__(self, path: Path, limits: Limits) -> None:
        limits.check_text(path.stat().st_size // 4)  # no encoding takes more than four bytes for a character
        text = decoded(path.read_bytes()).replace("\0", "")
        limits.check_text(len(text))
        sheet = Sheet(limits, 1, "", place=lambda row: f"row {row.number}", headed=True)
        sheet.tell(_rows(text))
        if sheet.is_empty:
            raise EmptyDocument("The file holds no values. Check the original and upload it again.")
        self.warnings = ("cut_off",) if sheet.is_cut else ()
        self._page = sheet.page()

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """The one page."""
        on_page(last - first + 1)
        return [self._page]

    def close(self) -> None:
        """Nothing is held."""


def _rows(text: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True)
    first = 0
    if lines and lines[0].casefold().startswith("sep=") and len(lines[0].strip()) == len("sep=") + 1:
        delimiter, first = lines[0].strip()[-1], 1  # as Excel writes it
    else:
        delimiter = _delimiter(lines)
    for number, cells in enumerate(_records(lines[first:], delimiter), first + 1):
        row = row_of(number, enumerate(cells, 1))
        if row is not None:
            yield row


def _records(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_MOST_FIELD_CHARACTERS)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            record = next(reader, None)
        except csv.Error:  # a field without an end: what follows is read again line by line
            continue
        if record is None:
            return
        yield record


def _delimiter(lines: list[str]) -> str:
    """The one that cuts most records into the same number of fields, of these the one that makes most of them."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(record) for record in islice(_records(lines[: _SAMPLED * 5], delimiter), _SAMPLED) if record]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 1)

    return max(_DELIMITERS, key=fit)


class CsvParser:
    """Opens CSV and TSV."""

    media_type = "text/csv"
    title = "CSV"
    rank = 910
    extensions: frozenset[str] = frozenset()

    def recognises(self, sample: Sample) -> bool:
        """Text that is called so: commas alone make no table."""
        return sample.extension in _EXTENSIONS and is_text(sample.head)

    def may_be_called(self, guessed: str) -> bool:
        """It is called .csv or .tsv."""
        return guessed in {self.media_type, "text/tab-separated-values"}

    def open(self, path: Path, limits: Limits) -> CsvDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return CsvDocument(path, limits)


PARSER = CsvParser()
