"""Which row of a document's tables has a figure: by its label, by the statement that it stands in and by its year."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from llm.figures.concepts import Concept, plain_label
from llm.figures.formulas import Figure
from llm.figures.periods import is_of_year
from llm.figures.tables import Cell, Row

# How far from home a row stands: on the statement where it belongs, in a table of no statement, on another statement.
_HOME, _NOWHERE, _ELSEWHERE = 0, 1, 2
# Cash flow statements repeat what the other two say, and print changes under the names of balances.
_ALSO_IN = {("income", "cash"), ("cash", "income")}
_PER_SHARE = re.compile(r"\bper (?:\w+ )?share\b|\bje aktie\b", re.IGNORECASE)
_COUNTED = re.compile(r"\bshares\b.*\boutstanding\b|\baverage.*\bshares\b|\bnumber of shares\b", re.IGNORECASE)

_LONGEST_LABEL = 300
# Rows that stand in one line are none that can be read.
_RUN_TOGETHER = re.compile(r"(?<![$€£\d,])\d{1,3}(?:,\d{3})+")


@dataclass(frozen=True, slots=True)
class Found:
    """The cell of a row that has a figure; `value` without the sign where that is only how it is printed."""

    row: Row
    cell: Cell
    value: Decimal


class Book:
    """The tables of one document, those of the pages that fit the question best first."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._statements = {row.statement for row in rows}

    def find(self, figure: Figure) -> Found | None:
        """The row that has the figure, if there is one; of several the one nearest to home, by its best label."""
        for row in self._fitting(figure.concept):
            cell = _cell(row, figure.year)
            if cell is not None and cell.value is not None:
                value = abs(cell.value) if figure.concept.outflow else cell.value
                return Found(row, cell, value)
        return None

    def years(self, concept: Concept) -> list[int]:
        """The years for which a concept has figures on its best row, newest first."""
        for row in self._fitting(concept):
            years = {column.year for column in row.columns if is_of_year(column, column.year)}
            if years:
                return sorted(years, reverse=True)
        return []

    def _fitting(self, concept: Concept) -> Iterator[Row]:
        """The rows that a concept may stand in, the nearest to home first."""
        each = [(fit, place) for place, row in enumerate(self._rows) if (fit := _fit(concept, row)) is not None]
        at_home = concept.statement in self._statements
        for (distance, _), place in sorted(each):
            # Notes use the words of a statement for parts and for changes of what it states.
            if distance != _NOWHERE or not at_home:
                yield self._rows[place]


def _fit(concept: Concept, row: Row) -> tuple[int, int] | None:
    """How far from home a row stands and which of the concept's labels it has; None where it has none."""
    told = f"{row.section} {row.label}"
    if not row.columns or _COUNTED.search(told) or bool(_PER_SHARE.search(told)) != concept.per_share:
        return None
    label = plain_label(row.label)
    if len(label) > _LONGEST_LABEL or _RUN_TOGETHER.search(label):
        return None
    place = next((place for place, pattern in enumerate(concept.labels) if pattern.fullmatch(label)), None)
    if place is None:
        return None
    if row.statement == concept.statement or not concept.statement:
        return (_HOME, place)
    if not row.statement:
        return (_NOWHERE, place)
    return (_ELSEWHERE, place) if (concept.statement, row.statement) in _ALSO_IN else None


def _cell(row: Row, year: int) -> Cell | None:
    """The cell of a year; None where it is not clear which one that is."""
    cells = list(_cells(row, year))
    return cells[0] if len({cell.value for cell in cells}) == 1 and not cells[0].percent else None


def _cells(row: Row, year: int) -> Iterator[Cell]:
    for column, cell in zip(row.columns, row.cells, strict=True):
        if is_of_year(column, year):
            yield cell
