"""How a row of a table is written as a line of text, so that it says by itself what its cells are, and read again.

`Item: Rent | Plan 2024: 1,200 | Actual 2024: 1,150`. A cell without a heading is written bare, an empty one not at all.
"""

from collections.abc import Sequence

BETWEEN = " | "
_NAMED = ": "
_MOST_NAME_CHARACTERS = 80


def row_line(columns: Sequence[str], cells: Sequence[str]) -> str:
    """The row as a line; `columns` are the headings, fewer or empty where there are none."""
    named = (_cell(columns[place] if place < len(columns) else "", cell) for place, cell in enumerate(cells))
    return BETWEEN.join(filter(None, named))


def cells_of(line: str) -> list[tuple[str, str]]:
    """Heading, which may be empty, and value of each cell of a line that was written so; nothing for other lines."""
    if BETWEEN not in line:
        return []
    cells = []
    for part in line.split(BETWEEN):
        name, named, value = part.partition(_NAMED)
        cells.append((name.strip(), value.strip()) if named else ("", part.strip()))
    return cells if any(name for name, _ in cells) else []


def _cell(column: str, cell: str) -> str:
    value, name = _flat(cell), _flat(column).rstrip(":")[:_MOST_NAME_CHARACTERS].rstrip()
    return f"{name}{_NAMED}{value}" if name and value else value


def _flat(text: str) -> str:
    return " ".join(text.replace(BETWEEN, " / ").split())
