"""A row of a table in words: its label, and each figure with its column and its unit, where these are told."""

import re
from collections.abc import Iterator, Sequence

from core.table_rows import cells_of
from core.values import Passage
from llm.figures.tables import Row
from llm.writers import Source

UNITS = {10**3: ("thousands", "Tausend"), 10**6: ("millions", "Millionen"), 10**9: ("billions", "Milliarden")}
_MOST_COLUMNS = 6
# In words, for these numbers stand in no document.
_ENGLISH = "January February March April May June July August September October November December"
_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
_MONTHS = (_ENGLISH.split(), _GERMAN.split())
_SPANS = (
    {3: "three months to", 6: "six months to", 9: "nine months to"},
    {3: "drei Monaten bis", 6: "sechs Monaten bis", 9: "neun Monaten bis"},
)
_YEARLY = 12
_PERIOD = re.compile(r"(?:FY|CY|GJ)?\s?(?:19|20)\d\d")
# What is counted, or measured by something, stands in tables of millions as it is.
_NO_AMOUNT = re.compile(
    r"\bper (?:\w+ )?share\b|\bje aktie\b|\bshares\b.*\boutstanding\b|\baverage.*\bshares\b|\bnumber of\b"
    r"|\banzahl\b|\bdays\b|\btage\b"
    r"|\bratio\b|\b(?:tax|interest|growth) rate|%|\bpercent|\bprozent",
    re.IGNORECASE,
)


def in_words(row: Row) -> str:
    """`Net sales: 20 in 2020, 10 in 2019 (in millions)`; empty where columns are not told, or more stands there."""
    names = list(_names(row))
    if not _is_whole(row) or not names or len(names) > _MOST_COLUMNS or len(set(names)) < len(names):
        return ""
    told = ", ".join(f"{cell.printed} in {name}" for cell, name in zip(row.cells, names, strict=True))
    unit = UNITS.get(unit_of(row) or 1)
    return f"{row.label}: {told}" + (f" (in {unit[row.german]})" if unit else "")


def _is_whole(row: Row) -> bool:
    """Whether a row that names its cells has none but those of periods: a supplier or a currency would be lost."""
    named = cells_of(row.quote)[1:]
    return all(_PERIOD.fullmatch(name) for name, _ in named) and len(named) in {0, len(row.cells)}


def unit_of(row: Row) -> int | None:
    """What multiplies a row's figures; None where nothing says so, or where they are no amounts."""
    told = f"{row.section} {row.label}"
    return None if _NO_AMOUNT.search(told) or any(cell.percent for cell in row.cells) else row.unit


def _names(row: Row) -> Iterator[str]:
    """The year of each column, and where that is not enough, how many months to the end of which one."""
    years = [column.year for column in row.columns]
    for column in row.columns:
        if len(set(years)) == len(years) and column.months in {None, _YEARLY}:
            yield str(column.year)
        else:
            end = f"{_MONTHS[row.german][column.month - 1]} {column.year}" if column.month else str(column.year)
            span = _SPANS[row.german].get(column.months or _YEARLY)
            yield f"{span} {end}" if span else end


def sources(rows: Sequence[Row]) -> Iterator[Source]:
    """Each row once; and the headings of their tables where they stand in other passages."""
    cited: dict[tuple[int, str], Passage] = {}
    for row in rows:
        cited.setdefault((row.passage.id, row.quote), row.passage)
    passages = {passage.id for passage in cited.values()}
    for row in rows:
        if row.heading is not None and row.heading.passage.id not in passages:
            passages.add(row.heading.passage.id)
            cited[row.heading.passage.id, row.heading.text] = row.heading.passage
    for (_, quote), passage in cited.items():
        yield Source(passage, quote)
