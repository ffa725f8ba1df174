"""Tables as they stand in passages: rows with their labels, and of each cell the column it belongs to, and the unit.

Passages of one page are read together, since the heading of a table may stand in one and its rows in another.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from core.table_rows import cells_of
from core.values import Passage
from llm.figures.periods import Column, Columns, Partial, columns_of

_LINE = re.compile(r"[^\n]+")
_CELL = re.compile(
    r"(?P<sign>[($€£-]*)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<percent>%?)\)?(?P<after>%?)\)?"
)
_SWAPPED = str.maketrans(".,", ",.")
_GERMAN = "de"
_DIGITS = re.compile(r"\d+")
_DASH = re.compile(r"[—–-]|\$[—–-]")
# Signs that stand apart from their number.
_GLUE = frozenset({"$", "€", "£", ")", "%", ")%", "$(", "(", "|"})
_UNIT = re.compile(
    r"\b(?:in|dollars|euros?|amounts?)?\s*\(?\s*(?P<unit>thousands|millions|billions|tausend|mio\b\.?"
    r"|millionen|mrd\b\.?|milliarden|(?:(?<=(?:EUR|USD|GBP|CHF) )|(?<=[€$£] ))(?:thousand|million|billion)\b)",
    re.IGNORECASE,
)
_UNIT_LINE = re.compile(r"\bin\s|dollars|amounts|[($€£]|\bTEUR\b", re.IGNORECASE)
_SCALES = {"th": 10**3, "ta": 10**3, "mi": 10**6, "bi": 10**9, "mr": 10**9}
_STATEMENTS = {
    "cash": r"\bcash flows? statements?|\bstatements? of (?:consolidated )?cash flows?|\bkapitalflussrechnung",
    "balance": r"\bbalance sheets?|\bstatements? of (?:consolidated )?financial (?:position|condition)|\bbilanz",
    "income": (
        r"\bstatements? of (?:consolidated )?(?:net )?(?:operations|income|earnings)(?! and comprehensive)\b"
        r"|\bincome statements?|\bprofit and loss|\bgewinn-? ?und verlustrechnung"
    ),
}
# A statement names itself at the top of its page and in its headings, not in prose.
_TOP_CHARACTERS = 350
_LETTERS = re.compile(r"[^\W\d_]{2}")
_JOINS = re.compile(
    r"(?:\b(?:of|to|and|or|from|for|in|by|the|on|with|before|after|attributable|than|per|as|less)|[,–—-])$",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\s*\((?:notes?|see|anhang)\b[^()]*\)|\s*\(\d\)|[.\s…]{3,}$|\s+\d$", re.IGNORECASE)
_AMOUNT = re.compile(r"\d\s*$")
_SMALL_NOTE = 40
_MOST_UNIT_WORDS = 25
_MOST_TITLE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a row; None for a dash. Brackets make it negative."""

    value: Decimal | None
    text: str
    percent: bool

    decimals: int = 0

    @property
    def printed(self) -> str:
        """As it stands, without signs of currencies."""
        text = f"({self.text})" if self.value is not None and self.value < 0 else self.text
        return f"{text} %" if self.percent else text


@dataclass(frozen=True, slots=True)
class Heading:
    """The line of a passage that heads columns."""

    passage: Passage
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table at `start:end` of a passage.

    `columns` has one entry for each cell, and is empty where they cannot be told; `heading` is what tells them. `unit`
    multiplies the figures, None where nothing says so. `statement` is income, balance or cash where the page is one of
    the main statements.
    """

    passage: Passage
    start: int
    end: int
    label: str
    section: str
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...]
    unit: int | None
    statement: str
    heading: Heading | None

    @property
    def german(self) -> bool:
        """Whether points group digits and a comma begins the decimals."""
        return self.passage.language == _GERMAN

    @property
    def quote(self) -> str:
        """The row as it stands."""
        return self.passage.text[self.start : self.end]


def rows(passages: Sequence[Passage]) -> list[Row]:
    """All rows with figures in passages of any pages; each page's passages in the order in which they stand there."""

    def place(passage: Passage) -> tuple[str, int]:
        return (passage.version_id, passage.page)

    ordered = sorted(passages, key=lambda passage: (*place(passage), passage.start))
    found: list[Row] = []
    for _, page in groupby(ordered, key=place):
        found += _Page(list(page)).rows()
    return found


class _Page:
    """Reads one page's lines in order, and keeps what stood above."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._statement = _statement(passages)
        self._columns: Columns | None = None
        self._heading: Heading | None = None
        self._above: Partial | None = None
        self._unit: int | None = None
        self._section = ""
        self._before = ""
        self._fresh = True  # no row has come since the heading

    def rows(self) -> Iterator[Row]:
        for passage in self._passages:
            for line in _LINE.finditer(passage.text):
                row = self._read(passage, line)
                if row is not None:
                    yield row

    def _read(self, passage: Passage, line: re.Match[str]) -> Row | None:
        text = line.group().strip()
        if not text:
            return None
        self._take_unit(text)
        if named := cells_of(text):
            return self._named(passage, line, named)
        if self._takes_heading(passage, text):
            self._before = ""
            return None
        label, cells = split(text, german=passage.language == _GERMAN)
        # A dash alone ends a line of words that goes on below.
        if not _LETTERS.search(label) or not cells or [cell.value for cell in cells] == [None]:
            self._take_words(text)
            return None
        start = line.start() + len(line.group()) - len(line.group().lstrip())
        row = self._row(passage, start, text, label, cells)
        self._before = ""
        self._fresh = False
        self._above = None
        return row

    def _named(self, passage: Passage, line: re.Match[str], named: Sequence[tuple[str, str]]) -> Row | None:
        """A row whose cells say by themselves what heads them."""
        german = passage.language == _GERMAN
        figures = [(name, cell) for name, value in named[1:] if (cell := _alone(value, german=german)) is not None]
        if not figures or not _LETTERS.search(named[0][1]):
            return None
        text = line.group().strip()
        start = line.start() + line.group().index(text)
        return Row(
            passage=passage,
            start=start,
            end=start + len(text),
            label=_NOTE.sub("", named[0][1]).strip(" .:$*"),
            section=self._section,
            cells=tuple(cell for _, cell in figures),
            columns=_columns_named([name for name, _ in figures]),
            unit=self._unit,
            statement=self._statement,
            heading=None,
        )

    def _row(self, passage: Passage, start: int, text: str, label: str, cells: Sequence[Cell]) -> Row:
        columns: tuple[Column, ...] = ()
        if self._columns is not None:
            kept = _aligned(label, cells, self._columns)
            columns = self._columns.columns if kept else ()
            cells = kept or cells
        joined = bool(self._before) and (bool(_JOINS.search(self._before)) or label[:1].islower())
        if self._before and not joined and _is_title(self._before):
            self._section = self._before
        return Row(
            passage=passage,
            start=start,
            end=start + len(text),
            label=_NOTE.sub("", f"{self._before} {label}" if joined else label).strip(" .:$*"),
            section=self._section,
            cells=tuple(cells),
            columns=columns,
            unit=self._unit,
            statement=self._statement,
            heading=self._heading if columns else None,
        )

    def _takes_heading(self, passage: Passage, text: str) -> bool:
        found = columns_of(text, self._above)
        if isinstance(found, Partial):
            self._above = found
            return True
        if found is None:
            return False
        before = self._columns if self._fresh else None
        if before is not None and len(before.columns) == 1 == len(found.columns):
            # Years that stand below each other.
            found = Columns(before.columns + found.columns, found.changes or before.changes)
        elif before is not None and len(before.columns) > len(found.columns):
            return True
        self._columns, self._heading, self._fresh = found, Heading(passage, text), True
        return True

    def _take_unit(self, text: str) -> None:
        found = _UNIT.search(text)
        words = len(text.split())
        # `1.2 million in cash` says nothing of a table.
        if (
            found
            and words <= _MOST_UNIT_WORDS
            and _UNIT_LINE.search(text)
            and not _AMOUNT.search(text[: found.start()])
        ):
            self._unit = _SCALES[found["unit"][:2].lower()]

    def _take_words(self, text: str) -> None:
        if text.endswith(":"):
            self._section = text.rstrip(":")
        self._before = "" if text.endswith(":") else text


def _alone(value: str, *, german: bool) -> Cell | None:
    """The figure that a cell holds and nothing else."""
    rest, cells = split(value, german=german)
    return cells[0] if len(cells) == 1 and not rest else None


def _columns_named(names: Sequence[str]) -> tuple[Column, ...]:
    """A period for each name, if they differ by their periods and by nothing else."""
    found = [columns_of(name) for name in names]
    columns = [one.columns[0] for one in found if isinstance(one, Columns) and len(one.columns) == 1]
    words = {_DIGITS.sub("", name) for name in names}
    return tuple(columns) if len(set(columns)) == len(names) and len(words) == 1 else ()


def split(line: str, *, german: bool = False) -> tuple[str, list[Cell]]:
    """The label of a line and the figures it ends with, printed the English or the `german` way."""
    words = line.split()
    cells: list[Cell] = []
    place = len(words)
    after = ""
    while place:
        word = words[place - 1]
        if word in _GLUE:
            after = word if "%" in word else after
        elif (cell := _cell(word, after, words[place - 2] if place > 1 else "", german=german)) is not None:
            cells.insert(0, cell)
            after = ""
        else:
            break
        place -= 1
    return " ".join(words[:place]).strip("| "), cells


def _cell(word: str, after: str, before: str, *, german: bool) -> Cell | None:
    if _DASH.fullmatch(word):
        return Cell(None, word, percent=False)
    found = _CELL.fullmatch(word.translate(_SWAPPED) if german else word)
    # A bracket that opened before the figure belongs to words: `(Note 6)`.
    if found is None or (word.endswith(")") and "(" not in word and not before.endswith("(")):
        return None
    digits = found["digits"]
    value = Decimal(digits.replace(",", ""))
    negative = "(" in found["sign"] or "-" in found["sign"]
    percent = bool(found["percent"] or found["after"] or "%" in after)
    text = digits.translate(_SWAPPED) if german else digits
    return Cell(-value if negative else value, text, percent, len(digits.partition(".")[2]))


def _aligned(label: str, cells: Sequence[Cell], columns: Columns) -> list[Cell]:
    """As many cells as there are columns, if it is clear which; else none."""
    wanted = len(columns.columns)
    kept = list(cells)
    if _JOINS.search(label):
        # `… net of allowances of $95 and $103 5,020 4,911`
        kept = kept[-wanted:]
    if len(kept) > wanted and any(not cell.percent for cell in kept):
        amounts = [cell for cell in kept if not cell.percent]
        kept = amounts if len(amounts) >= wanted else kept
    if len(kept) > wanted and columns.changes:
        return kept[:wanted]
    if len(kept) == wanted + 1 and _is_note(kept[0]):
        kept = kept[1:]
    return kept if len(kept) == wanted else []


def _is_title(line: str) -> bool:
    return len(line.split()) <= _MOST_TITLE_WORDS and not _UNIT.search(line)


def _is_note(cell: Cell) -> bool:
    return cell.value is not None and 0 < abs(cell.value) < _SMALL_NOTE and "." not in cell.text


def _statement(passages: Sequence[Passage]) -> str:
    """Which of the main statements a page is, by its first lines or the headings over its passages."""
    top = passages[0].text[:_TOP_CHARACTERS] if passages[0].start < _TOP_CHARACTERS else ""
    lines = [line for line in top.splitlines() if len(line.split()) <= _MOST_TITLE_WORDS]
    titles = [*lines, *(part for part in passages[0].heading.split(" › "))]
    for title in titles:
        for name, pattern in _STATEMENTS.items():
            if re.search(pattern, title, re.IGNORECASE) and "parent" not in title.lower():
                return name
    return ""
