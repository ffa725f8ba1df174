"""Sheets of cells as pages: tables are told apart by empty rows, each row says what its cells are and where they stand.

Which program wrote the cells, and how their values are shown, is not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import ParserLimit
from core.table_rows import row_line
from core.values import Line, Page
from ingest.cleaning import clean_line
from ingest.parsers import Limits
from ingest.tables import column_names, guess_heading_rows, is_figure

_MOST_CELLS = 2_000_000  # of a sheet: what takes a child about half a minute
_MOST_CELL_CHARACTERS = 32_767  # what a spreadsheet allows
_LOOKED_AT = 50  # rows that tell what heads a table
_MOST_HEADING_ROWS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something: its number, and its cells from column `left` on (both from 1)."""

    number: int
    left: int
    cells: tuple[str, ...]


def row_of(number: int, cells: Iterable[tuple[int, str]]) -> Row | None:
    """A row from columns (from 1, rising) and texts; None where all are empty."""
    told = [(column, clean_line(text[:_MOST_CELL_CHARACTERS])) for column, text in cells]
    told = [(column, text) for column, text in told if text]
    if not told:
        return None
    left, right = told[0][0], told[-1][0]
    texts = [""] * (right - left + 1)
    for column, text in told:
        texts[column - left] = text
    return Row(number, left, tuple(texts))


class Sheet:
    """Takes the rows of a sheet in their order; those that are too many are left out, and `is_cut` says so."""

    def __init__(
        self,
        limits: Limits,
        number: int,
        name: str,
        *,
        place: Callable[[Row], str] | None = None,
        headed: bool = False,
    ) -> None:
        """`place` says where a row stands, else its cells do; `headed` that a first row of names heads the columns."""
        self._limits = limits
        self._headed = headed
        self._place = place or cell_range
        self._number, self._name = number, name
        self._parts: list[str] = []
        self._lines: list[Line] = []
        self._length = 0
        self._cells = 0
        self._columns: tuple[int, tuple[str, ...]] = (0, ())
        self.is_cut = False

    def tell(self, rows: Iterable[Row]) -> None:
        """All rows, top down."""
        for table in _tables(rows):
            try:
                self._table(table)
            except ParserLimit:
                if not self._lines:
                    raise
                self.is_cut = True
                return

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told yet."""
        return not self._lines

    def page(self) -> Page:
        """What was told, as a page."""
        return Page(self._number, "".join(self._parts), tuple(self._lines), name=self._name)

    def _table(self, rows: Iterator[Row]) -> None:
        begun = []
        for row in rows:
            begun.append(row)
            if len(begun) == _LOOKED_AT:
                break
        place = 0
        while place < len(begun) - 1 and sum(map(bool, begun[place].cells)) == 1 and begun[place].left == begun[0].left:
            self._add(begun[place], " ".join(filter(None, begun[place].cells)), heading=True, apart=not place)
            place += 1
        begun = begun[place:]
        headings = _headings(begun) or int(self._headed and self.is_empty and _are_names(begun))
        if headings:
            self._columns = (min(row.left for row in begun[:headings]), _names(begun[:headings]))
        elif begun and not self._same_columns(begun[0]):
            self._columns = (0, ())
        if headings == len(begun):  # nothing stands below them
            headings = 0
        apart = not place
        for row in begun[headings:]:
            self._row(row, apart=apart)
            apart = False
        for row in rows:
            self._row(row, apart=False)

    def _row(self, row: Row, *, apart: bool) -> None:
        self._cells += len(row.cells)
        if self._cells > _MOST_CELLS:
            raise ParserLimit(f"A sheet has more than {_MOST_CELLS:,} cells. Split it into several files.")
        left, names = self._columns
        padded = names[row.left - left :] if row.left >= left else ("",) * (left - row.left) + names
        if line := row_line(padded, row.cells):
            self._add(row, line, apart=apart)

    def _same_columns(self, row: Row) -> bool:
        """Whether a table without headings goes on below one that had some."""
        left, names = self._columns
        return (
            bool(names) and left <= row.left and row.left + len(row.cells) <= left + len(names) and len(row.cells) > 1
        )

    def _add(self, row: Row, text: str, *, heading: bool = False, apart: bool = False) -> None:
        gap = "" if not self._lines else "\n\n" if apart else "\n"
        start = self._length + len(gap)
        self._limits.check_text(start + len(text))
        self._parts += (gap, text)
        self._length = start + len(text)
        self._lines.append(Line(start, self._length, None, heading, self._place(row)))


def cell_range(row: Row) -> str:
    """The cells of a row as spreadsheets write them: `B5:F5`."""
    first = f"{column_letters(row.left)}{row.number}"
    last = f"{column_letters(row.left + len(row.cells) - 1)}{row.number}"
    return first if first == last else f"{first}:{last}"


def column_letters(column: int) -> str:
    """The name of a column (from 1): A, B, … Z, AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _tables(rows: Iterable[Row]) -> Iterator[Iterator[Row]]:
    """Runs of rows without an empty one between them; each has to be used up before the next."""
    source = iter(rows)
    held = next(source, None)

    def run() -> Iterator[Row]:
        nonlocal held
        number = held.number if held is not None else 0
        while held is not None and held.number <= number + 1:
            number = held.number
            yield held
            held = next(source, None)

    while held is not None:
        yield run()


def _headings(rows: Sequence[Row]) -> int:
    """How many rows head the columns of a table."""
    if len(rows) < 2:
        return 0
    left = min(row.left for row in rows)
    laid = [("",) * (row.left - left) + row.cells for row in rows]
    # A row of groups over the headings proper, such as years over `Plan` and `Actual`.
    gaps = len(laid[0]) - sum(map(bool, laid[0]))
    if gaps > 1 and len(laid) > _MOST_HEADING_ROWS and guess_heading_rows([_names(rows[:2]), *laid[2:]]):
        return _MOST_HEADING_ROWS
    return guess_heading_rows(laid)


def _are_names(rows: Sequence[Row]) -> bool:
    """Whether the first of several rows has a name for every column, and no figure."""
    if len(rows) < 2:
        return False
    first = rows[0].cells
    return len(set(first)) == len(first) and all(cell and not is_figure(cell) for cell in first)


def _names(rows: Sequence[Row]) -> tuple[str, ...]:
    left = min(row.left for row in rows)
    laid = [[""] * (row.left - left) + list(row.cells) for row in rows]
    width = max(map(len, laid))
    return column_names([*(_spread(upper, width) for upper in laid[:-1]), laid[-1]])


def _spread(cells: Sequence[str], width: int) -> list[str]:
    """Each text over the empty cells to its right: that is how groups are written."""
    spread = [""]
    for place in range(width):
        spread.append((cells[place] if place < len(cells) else "") or spread[-1])
    return spread[1:]
