"""Which period a column of a table is about, by its heading, and which periods a question asks for, in their order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "januar"),
            ("february", "feb", "februar"),
            ("march", "mar", "märz"),
            ("april", "apr"),
            ("may", "mai"),
            ("june", "jun", "juni"),
            ("july", "jul", "juli"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct", "oktober", "okt"),
            ("november", "nov"),
            ("december", "dec", "dezember", "dez"),
        ),
        1,
    )
    for name in names
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_SPANS = {
    "three": 3, "3": 3, "quarter": 3, "quarters": 3, "drei": 3, "six": 6, "6": 6, "sechs": 6, "nine": 9, "9": 9,
    "neun": 9, "twelve": 12, "12": 12, "zwölf": 12, "year": 12, "years": 12,
}  # fmt: skip
_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}})\.?\s+)?\b(?P<month>{_MONTH})\b\.?(?:\s+\d{{1,2}}\b(?!\d))?\s*,?(?:\s*(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d.,/])(?P<year>(?:19|20)\d\d)(?![\d.,/]\d|\d)E?\b")
_SPAN = re.compile(
    r"\b(?P<span>three|six|nine|twelve|drei|sechs|neun|zwölf|3|6|9|12)[\s-]+(?:months?|monate?n?)\b"
    r"|\b(?P<alone>quarters?|years?)\s+ended\b|\bfiscal\s+(?P<fiscal>years?)\b",
    re.IGNORECASE,
)
_YEARLY = 12
_MOST_HEADING_WORDS = 22
_MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is about. `month` is that of its end; `months` how long it lasts, None where nothing says."""

    year: int
    month: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """What a line of years or dates heads, and whether columns of changes stand among them."""

    columns: tuple[Column, ...]
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Partial:
    """A row that only says how long columns last or in which month they end: the years stand below it."""

    spans: tuple[int, ...]
    month: int | None


def columns_of(line: str, above: Partial | None = None) -> Columns | Partial | None:
    """What a line of a table heads, if it holds nothing but periods, units and words; `above` stood before it."""
    if len(line.split()) > _MOST_HEADING_WORDS:
        return None
    spans = tuple(_span(found) for found in _SPAN.finditer(line))
    rest = _SPAN.sub(" ", line)
    dates = list(_DATE.finditer(rest))
    ends = [(found["year"], _MONTHS[found["month"].lower()]) for found in dates if found["year"]]
    months = [_MONTHS[found["month"].lower()] for found in dates]
    bare = _DATE.sub(" ", rest)
    years = [int(found["year"]) for found in _YEAR.finditer(bare)]
    if re.search(r"\d", re.sub(r"\(\w{1,3}\)", " ", _YEAR.sub(" ", bare))):
        return None
    month = months[0] if months else (above.month if above else None)
    lasting = spans or (above.spans if above else ())
    columns = [(int(year), of) for year, of in ends] + [(year, month) for year in years]
    if columns and len(columns) <= _MOST_COLUMNS and not line.rstrip().endswith("."):
        changes = bool(re.search(r"change|%|increase|variance|veränderung", line, re.IGNORECASE))
        return Columns(tuple(_lasting(columns, lasting)), changes)
    if (spans or months) and not columns:
        return Partial(lasting, month)
    return None


def _lasting(columns: Sequence[tuple[int, int | None]], spans: Sequence[int]) -> Iterator[Column]:
    """Columns with how long they last: where several spans stand above, each is that of as many columns."""
    for place, (year, month) in enumerate(columns):
        share = place * len(spans) // len(columns)
        yield Column(year, month, spans[share] if spans else None)


def _span(found: re.Match[str]) -> int:
    word = (found["span"] or found["alone"] or found["fiscal"]).lower()
    return _SPANS[word]


_ASKED = re.compile(
    r"\b(?:FY|CY|GJ)\s?['’]?(?P<short>\d\d)(?!\d)|(?<![\d.,])(?:FY|CY|GJ|Q[1-4])?(?P<year>(?:19|20)\d\d)(?![\d,]\d|\d)",
    re.IGNORECASE,
)
_THROUGH = re.compile(r"\s*(?:-|–|—|to|through|until|bis)\s*(?:FY|fiscal|year|the|\s)*\s*$", re.IGNORECASE)
_QUARTERLY = re.compile(
    r"\bQ[1-4]|\b(?:first|second|third|fourth|last|erste[sn]?|zweite[sn]?|dritte[sn]?|vierte[sn]?)\s+(?:fiscal\s+)?quart"
    r"|\bquarter|\b(?:three|six|nine)[\s-]months?|\bH[12]\b|\bhalf[\s-]year|\bquartal",
    re.IGNORECASE,
)
_LONGEST_RANGE = 10


def asked_years(text: str) -> tuple[int, ...]:
    """The years that a question names, each once, earliest first; a range means every year of it."""
    years: set[int] = set()
    last: tuple[int, int] | None = None
    for found in _ASKED.finditer(text):
        year = int(found["year"] or f"20{found['short']}")
        between = text[last[1] : found.start()] if last else ""
        if last and _THROUGH.fullmatch(between) and 0 < year - last[0] <= _LONGEST_RANGE:
            years.update(range(last[0], year))
        years.add(year)
        last = (year, found.end())
    return tuple(sorted(years))


def asks_parts_of_years(text: str) -> bool:
    """Whether quarters or other parts of years are asked for, which columns of years do not tell."""
    return bool(_QUARTERLY.search(text))


def is_of_year(column: Column, year: int) -> bool:
    """Whether a column is about a whole year, or its end."""
    return column.year == year and column.months in {None, _YEARLY}
