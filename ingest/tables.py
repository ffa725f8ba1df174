"""Tables of office files and web pages as lines: each row says by itself what its cells are (`core.table_rows`)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.table_rows import row_line

_FIGURE = re.compile(r"[($€£+-]*\s?\d[\d.,' ]*\s?[)%€$£]*")
_PERIOD = re.compile(r"(?:FY|CY|GJ|Q[1-4]|H[12])?[ /]?(?:19|20)\d\d(?:[/-]\d{2,4})?[EeFP]?")
_LETTER = re.compile(r"[^\W\d_]")
_MOST_HEADING_CHARACTERS = 80
_MOST_HEADING_ROWS = 4
_MOST_COLUMNS = 1_000
MOST_SPAN = 1_000  # columns or rows of one cell
_MOST_STRETCHED = 500_000  # columns that the cells of a table take beyond one each
_LOOKED_AT = 50  # rows that tell what columns hold
_LONG_CELL = 300  # characters: text that was laid out as a table, and no row of one


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a table and the row (from 1) that it comes from."""

    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that may stretch over several columns; a cell that stretches over rows is one of each of them."""

    text: str
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose rows all have their cells in the same columns; `caption` stood in its own rows above the others."""

    caption: str
    first: int  # number of the first row
    rows: tuple[tuple[str, ...], ...]
    heading_rows: int | None


def laid_out(rows: Sequence[Sequence[Cell]], heading_rows: int | None = None) -> Grid:
    """Cells in their columns. One cell over the whole width at the top is a caption."""
    width = max((sum(cell.columns for cell in cells) for cells in rows), default=0)
    stretched = sum(cell.columns - 1 for cells in rows for cell in cells)
    if width > _MOST_COLUMNS or stretched > _MOST_STRETCHED:  # no table that anyone reads
        rows = [[Cell(cell.text) for cell in cells] for cells in rows]
        width = max(map(len, rows))
    captions = 0
    while width > 1 and captions < len(rows) - 1 and _is_caption(rows[captions], width):
        captions += 1
    rest = rows[captions:]
    count = max(heading_rows - captions, 0) if heading_rows is not None else None
    if count is None and len(rest) > 2 and any(1 < cell.columns < width for cell in rest[0] if cell.text):
        count = 2
    placed = tuple(tuple(_placed(cells, repeated=number < (count or 0))) for number, cells in enumerate(rest))
    texts = (cell.text.strip() for cells in rows[:captions] for cell in cells)
    return Grid(" ".join(filter(None, texts)), captions + 1, placed, count)


def span_of(written: str) -> int:
    """Over how many columns or rows a cell stretches, as written in a file; 1 where that is no number."""
    digits = written.strip().lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        return 1
    return min(int(digits), MOST_SPAN) if len(digits) < 8 else MOST_SPAN


def _is_caption(cells: Sequence[Cell], width: int) -> bool:
    told = [cell for cell in cells if cell.text.strip()]
    return len(told) == 1 and told[0].columns == width


def _placed(cells: Sequence[Cell], *, repeated: bool) -> Iterator[str]:
    for cell in cells:
        yield cell.text
        yield from [cell.text if repeated else ""] * (cell.columns - 1)


def table_lines(rows: Sequence[Sequence[str]], heading_rows: int | None = None, first: int = 1) -> Iterator[TableLine]:
    """The table as lines, top down. `heading_rows` says how many rows head the columns, None where nobody does.

    `first` is the number of the first row. Rows of headings are part of each row below them, and lines of their own
    only where there is none. Cells that hold whole texts become lines of their own.
    """
    count = guess_heading_rows(rows) if heading_rows is None else min(heading_rows, _MOST_HEADING_ROWS)
    columns = column_names(rows[:count])
    told = False
    for number, cells in enumerate(rows[count:], count + first):
        for text in _lines(columns, cells):
            told = True
            yield TableLine(number, text)
    if not told:
        yield from (
            TableLine(number, line) for number, cells in enumerate(rows, first) if (line := row_line((), cells))
        )


def column_names(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What heads each column, from the rows that head the table: what stands above goes before what stands below."""
    width = max(map(len, rows), default=0)
    columns: list[list[str]] = [[] for _ in range(width)]
    for cells in rows:
        for column, cell in zip(columns, cells, strict=False):
            text = " ".join(cell.split())
            if text and text not in column:
                column.append(text)
    return tuple(" ".join(column) for column in columns)


def guess_heading_rows(rows: Sequence[Sequence[str]]) -> int:
    """1 where the first row reads as headings of columns, else 0."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0
    first, rest = [" ".join(cell.split()) for cell in rows[0]], rows[1:_LOOKED_AT]
    named = first[1:] if not first[0] else first
    if not all(map(_heads, named)) or len(set(named)) < len(named):
        return 0
    figures = any(_holds_figures(place, rest) for place in range(len(first)))
    # Two columns of words are mostly names and what belongs to them.
    return int(figures or len(first) > 2)


def is_figure(text: str) -> bool:
    """Whether a cell holds a number and nothing else."""
    return _FIGURE.fullmatch(text.strip()) is not None


def _heads(text: str) -> bool:
    if not text or len(text) > _MOST_HEADING_CHARACTERS:
        return False
    return _PERIOD.fullmatch(text) is not None or (_LETTER.search(text) is not None and not is_figure(text))


def _holds_figures(place: int, rows: Sequence[Sequence[str]]) -> bool:
    cells = [cells[place] for cells in rows if place < len(cells) and cells[place].strip()]
    return sum(map(is_figure, cells)) * 2 > len(cells)


def _lines(columns: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    if any(len(cell) > _LONG_CELL for cell in cells):
        for place, cell in enumerate(cells):
            if line := row_line(columns[place : place + 1], [cell]):
                yield line
    elif line := row_line(columns, cells):
        yield line
