"""Rows of tables as facts: of each figure its row's words, its column's time, and its unit. Reads one passage alone.

More lenient than what answers are computed from: nothing is computed here, only what a sentence says is looked up.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from core.table_rows import cells_of
from llm.figures.tables import Cell, split
from llm.verification.dates import Date, dates
from llm.verification.readings import Reading, read

_LINE = re.compile(r"[^\n]+")
_SCALE = re.compile(
    r"\b(?P<unit>thousands?|millions?|billions?|tausend|mio|millionen|mrd|milliarden|TEUR)\b|[$£€]\s?'?(?P<zeros>000)s?\b",
    re.IGNORECASE,
)
_SCALES = {"th": 1e3, "ta": 1e3, "te": 1e3, "mi": 1e6, "bi": 1e9, "mr": 1e9}
_THOUSAND = 1e3
_SCALE_LINE = re.compile(r"[($€£]|\bin\s|\bamounts|\bdollars|\bteur", re.IGNORECASE)
_NO_AMOUNT = re.compile(r"\bper\b|\bje aktie|\bnumber of|\banzahl|\baverage\b.*\brate|\bdays\b|\btage\b", re.IGNORECASE)
_PERCENT = re.compile(r"%|\bpercent|\bprozent", re.IGNORECASE)
_SPAN = re.compile(
    r"\b(?P<n>three|six|nine|twelve|3|6|9|12)\s+months|\b(?P<year>fiscal years?|years?)\s+ended", re.IGNORECASE
)
_MONTHS = {"three": 3, "3": 3, "six": 6, "6": 6, "nine": 9, "9": 9, "twelve": 12, "12": 12}
_QUARTERS = re.compile(r"\b(first|second|third|fourth)\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]{2}")
_NOTE = re.compile(r"\s*\(\d{1,2}\)|(?<=[^\W\d])\s\d{1,2}$")
_MOST_HEADING_WORDS = 24
_MOST_LINES = 400
_HEADS = 4
_MOST_LABEL_WORDS = 14
_NOTES = 10
_FEW = 3
_YEARS = (1900, 2100)
_QUARTER, _YEARLY = 3, 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell: `value` as printed, with the sign that brackets give it; `when` is what heads its column, if known."""

    value: float
    decimals: int
    percent: bool
    when: Date | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row at `start:end` of its passage; `scale` multiplies its figures, None where nothing says so;
    `date` is what its label names, `sign` that of a currency."""

    start: int
    end: int
    label: Reading
    above: Reading
    figures: tuple[Figure, ...]
    scale: float | None
    date: Date | None
    sign: str = ""


@lru_cache(256)
def rows(passage: str) -> tuple[Row, ...]:
    """The rows of a passage in their order."""
    return tuple(_Table(passage).rows())


class _Table:
    def __init__(self, text: str) -> None:
        self._text = text
        self._german = read(text).german
        self._scale: float | None = None
        self._heads: list[str] = []
        self._section = ""
        self._before = ""
        self._percent = False
        self._shares: list[bool] = []  # which columns are percentages, by the last row that says so
        self._years = ""  # the last line of words with several years
        self._fresh = True

    def rows(self) -> Iterator[Row]:
        for number, line in enumerate(_LINE.finditer(self._text)):
            if number >= _MOST_LINES:
                return
            made = self._read(line)
            if made is not None:
                yield made

    def _read(self, line: re.Match[str]) -> Row | None:
        text = line.group().strip()
        if not text:
            return None
        if (found := _SCALE.search(text)) and _SCALE_LINE.search(text) and len(text.split()) < 40:
            self._scale = _SCALES[found["unit"][:2].lower()] if found["unit"] else _THOUSAND
        if named := cells_of(text):
            return self._named(line, named)
        if _is_heading(text):
            self._heads = [*(self._heads if self._fresh else []), text][-_HEADS:]
            self._fresh, self._before, self._shares = True, "", []
            return None
        label, cells, date = self._cells(text)
        if len(label.split()) > _MOST_LABEL_WORDS or label[-1:] in {".", ";"}:
            cells = []
        told = _LETTER.search(label) or self._before or self._heads or date is not None
        if not cells or not told:
            self._take(label if date is None and label and not cells else text)
            return None
        return self._row(line, label, cells, date)

    def _named(self, line: re.Match[str], named: Sequence[tuple[str, str]]) -> Row | None:
        """A row whose cells say by themselves what heads them."""
        figures = []
        for name, value in named[1:]:
            rest, cells = split(value, german=self._german)
            if len(cells) != 1 or rest or cells[0].value is None:
                continue
            when = next((date for date in dates(name) if date.year is not None), None)
            percent = cells[0].percent or bool(_PERCENT.search(name))
            figures.append(Figure(float(cells[0].value), cells[0].decimals, percent, when))
        text = line.group().strip()
        start = line.start() + line.group().index(text)
        if not figures:
            return None
        above = " ".join([self._section, *(name for name, _ in named)])
        amount = not _NO_AMOUNT.search(named[0][1])
        scale = self._scale if amount else 1.0
        sign = next((sign for sign in "$€£¥" if sign in text), "")
        return Row(start, start + len(text), read(named[0][1]), read(above), tuple(figures), scale, None, sign)

    def _cells(self, text: str) -> tuple[str, list[Cell], Date | None]:
        """The label of a line, its figures without numbers of notes, and the date that it is of: `Fiscal 2024 707`."""
        label, cells = split(text, german=self._german)
        label = _NOTE.sub("", label)
        first = cells[0].value if cells else None
        if len(cells) > 1 and first is not None and -_NOTES < first < 0 and f"({cells[0].text}) " in text:
            cells = cells[1:]
        if len(cells) == 1 and _is_note(cells[0], text) and _LETTER.search(label):
            return label, [], None
        if len(cells) > 1 and _is_year(cells[0]) and not any(map(_is_year, cells[1:])) and len(label.split()) <= _FEW:
            label, cells = f"{label} {cells[0].text}", cells[1:]
            return label, cells, next(iter(dates(label)), None)
        several = len(cells) > 1
        return label, [cell for cell in cells if cell.value is not None or several], None

    def _take(self, text: str) -> None:
        if len({date.year for date in dates(text) if date.year is not None}) > 1:
            self._years = text
        if len(text.split()) > _MOST_HEADING_WORDS:
            self._before = ""
            return
        if text.endswith(":"):
            self._section, self._percent, self._shares = text.rstrip(":"), bool(_PERCENT.search(text)), []
        self._before = _NOTE.sub("", text)

    def _row(self, line: re.Match[str], label: str, cells: Sequence[Cell], date: Date | None) -> Row:
        self._fresh = False
        joined = self._before and not self._before.endswith(":") and (not _LETTER.search(label) or label[:1].islower())
        full = f"{self._before} {label}" if joined else label
        heading = " ".join(self._heads)
        percent = self._percent or bool(_PERCENT.search(self._section))
        if any(cell.percent for cell in cells):
            self._shares = [cell.percent for cell in cells]
        shares = self._shares if len(self._shares) == len(cells) else [False] * len(cells)
        if all(cell.percent for cell in cells[:1]) and cells:
            shares = [True] * len(cells)
        figures = [
            Figure(float(cell.value), cell.decimals, cell.percent or percent or share)
            for cell, share in zip(cells, shares, strict=True)
            if cell.value is not None
        ]
        if len(figures) == len(cells) and date is None:
            figures = list(self._dated(figures))
        amount = not _NO_AMOUNT.search(full)
        before = self._before if not joined else ""
        self._before = ""
        start = line.start() + len(line.group()) - len(line.group().lstrip())
        return Row(
            start,
            line.start() + len(line.group().rstrip()),
            read(full.strip(" .:$")),
            read(" ".join(filter(None, (self._section, before, heading)))),
            tuple(figures),
            self._scale if amount else 1.0,
            date,
            next((sign for sign in "$€£¥" if sign in line.group()), ""),
        )

    def _dated(self, figures: Sequence[Figure]) -> Iterator[Figure]:
        columns = _columns(self._heads, len(figures)) or _columns([self._years], len(figures))
        for place, figure in enumerate(figures):
            when, months = columns[place] if place < len(columns) else (None, None)
            yield replace(figure, when=when, months=months)


def _is_note(cell: Cell, text: str) -> bool:
    """A small number at the end of words, which points at a note below the table."""
    small = cell.value is not None and abs(cell.value) < _NOTES and not cell.decimals
    return small and not re.search(r"[%$€£]\s*\(?\d*\)?$", text)


def _is_year(cell: Cell) -> bool:
    return cell.value is not None and cell.text.isdigit() and _YEARS[0] <= cell.value <= _YEARS[1] and not cell.percent


def _is_heading(text: str) -> bool:
    """A line of years, dates or names of quarters, without any figure."""
    if len(text.split()) > _MOST_HEADING_WORDS or text.endswith("."):
        return False
    found = [date for date in dates(text) if date.year is not None or date.month]
    rest = text
    for date in reversed(found):
        rest = rest[: date.start] + " " + rest[date.end :]
    if re.search(r"\d", _SPAN.sub(" ", re.sub(r"\(\d\)", " ", rest))):
        return False
    quarters = len(_QUARTERS.findall(text))
    return bool(found) or bool(_SPAN.search(text)) or quarters > 1


def _columns(heads: Sequence[str], count: int) -> list[tuple[Date | None, int | None]]:
    """For each of so many columns what heads it; fewer where the last ones are headed by nothing of the kind."""
    whole = " ".join(heads)
    quarters = _QUARTERS.findall(whole)
    named = [date for date in dates(whole) if date.year is not None]
    if len(quarters) > 1 and count in {len(quarters), len(quarters) + 1} and len({date.year for date in named}) == 1:
        year = named[0].year
        places = ["first", "second", "third", "fourth"]
        made: list[tuple[Date | None, int | None]] = [
            (Date(0, 0, year, quarter=places.index(name.lower()) + 1), _QUARTER) for name in quarters
        ]
        return [*made, (Date(0, 0, year), _YEARLY)]
    spans = [_MONTHS[found["n"].lower()] if found["n"] else 12 for found in _SPAN.finditer(whole)]
    months = [date.month for date in dates(whole) if date.month]
    own = _of_one_line(heads, count)
    named = own or named
    if not named or len(named) > count:
        return []
    if len(set(months)) == 1 and any(date.month is None for date in named):
        named = [replace(date, month=months[0]) for date in named]
    return [(date, spans[place * len(spans) // len(named)] if spans else None) for place, date in enumerate(named)]


def _of_one_line(heads: Sequence[str], count: int) -> list[Date]:
    """The dates of the last line that has several."""
    for line in reversed(heads):
        named = [date for date in dates(line) if date.year is not None]
        if 1 < len(named) <= count:
            return named
    return []
