"""Days, months, quarters, years and centuries in their usual spellings in English and German, and when two agree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from llm.verification.measures import measured
from llm.verification.number_words import cardinal, ordinal

_NAMES = (
    ("january", "jan", "januar", "jänner"), ("february", "feb", "februar"), ("march", "mar", "märz"),
    ("april", "apr"), ("may", "mai"), ("june", "jun", "juni"), ("july", "jul", "juli"), ("august", "aug"),
    ("september", "sept", "sep"), ("october", "oct", "oktober", "okt"), ("november", "nov"),
    ("december", "dec", "dezember", "dez"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (("monday", "montag"), ("tuesday", "dienstag"), ("wednesday", "mittwoch"), ("thursday", "donnerstag"),
         ("friday", "freitag"), ("saturday", "samstag", "sonnabend"), ("sunday", "sonntag"))
    )
    for name in names
}  # fmt: skip
_YEAR = r"(?:1[0-9]|20)\d\d"
_DAY = r"(?:(?:\d{1,2}|[a-z-]+)(?:st|nd|rd|th)?)"
_ORDINAL_WORD = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth"
    "|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|ersten|zweiten|dritten|vierten|fünften|sechsten"
    "|siebten|achten|neunten|zehnten|elften|zwölften"
)
_DAY_NUMBER = rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?|(?P<word>{_ORDINAL_WORD}))"
_PART = r"(?P<part>early|mid|late|beginning of|middle of|end of|start of|anfang|mitte|ende)"
_DAY_FIRST = re.compile(
    rf"\b{_DAY_NUMBER}\s+(?:of\s+)?(?P<month>{_MONTH})\b\.?(?:,?\s+(?:of\s+)?(?P<year>{_YEAR})\b)?", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"(?:\b{_PART}[\s-]+(?:in\s+)?)?\b(?P<month>{_MONTH})\b\.?"
    rf"(?:\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.,]*\d))?"
    rf"(?:,?\s+(?:of\s+|the year\s+)?(?P<year>{_YEAR})\b)?",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    rf"(?<![\d./-])(?:(?P<y>{_YEAR})-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})|(?P<a>\d{{1,2}})[./](?P<b>\d{{1,2}})[./](?P<c>{_YEAR}))(?![\d/])"
)
_QUARTER = re.compile(
    rf"\b(?:q(?P<q>[1-4])|(?P<n>first|second|third|fourth|last|final|erste[nrsm]?|zweite[nrsm]?|dritte[nrsm]?|vierte[nrsm]?|letzte[nrsm]?|[1-4]\.)"
    rf"[\s-]+(?:fiscal\s+)?quart(?:er|al)s?)\b(?!-?\s?fina)(?:\s*(?:of|in|des|,)?\s*(?:fiscal|the|year|years|jahres|\s)*(?P<year>{_YEAR})\b)?",
    re.IGNORECASE,
)
_CENTURY = re.compile(
    r"\b(?:(?P<n>\d{1,2})(?:st|nd|rd|th|\.)?|(?P<word>[a-zäöüß]+))[\s-]+(?:century|centuries|jahrhunderts?)\b"
    r"(?P<era>\s*(?:bce?|before christ|v\.?\s?chr\.?|vor christus)\b)?",
    re.IGNORECASE,
)
_SPOKEN_YEAR = re.compile(
    r"\b(?P<head>(?:seven|eight|nine)teen|twenty)\s+(?P<tail>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:-(?:one|two|three|four|five|six|seven|eight|nine))?|ten|eleven|twelve|(?:thir|four|fif|six|seven|"
    r"eigh|nine)teen)\b",
    re.IGNORECASE,
)
_DECADE = re.compile(r"(?<![\d.,])(?P<year>\d{3,4})(?:s\b|er(?:n|\s?jahren?)?\b)", re.IGNORECASE)
_YEARS = re.compile(
    rf"(?:\b(?:fy|cy|gj)\s?['’]?(?P<short>\d\d)(?!\d)|(?<![\w.,$€£/-])(?:(?:fy|cy|gj)\s?)?(?P<year>{_YEAR})(?![\w%]|[.,/]\d))"
    rf"(?:\s?[–/-]\s?(?P<to>(?:1[0-9]|20)?\d\d)(?!\d))?(?P<era>\s*(?:bce?|v\.?\s?chr\.?)\b)?",
    re.IGNORECASE,
)
_FISCAL = re.compile(rf"(?<![\w./])(?P<year>{_YEAR})/(?:\d\d|{_YEAR})(?![\d/])")
_ANNO = re.compile(
    r"\b(?P<sure>in|year|anno|jahr|jahre|since|seit)?(?(sure)|(?:um|until|by|from|to|bis|von|and|und))"
    r"\s+(?P<year>[1-9]\d{2})(?![.,]?\d|%|\s+(?!(?:and|und|bis)\b)\w*[a-z]{3})",
    re.IGNORECASE,
)
_EARLY, _MIDDLE = 10, 20
_LAST_QUARTER = 4
_MONTHS_IN_YEAR, _DAYS_IN_MONTH = 12, 31


@dataclass(frozen=True, slots=True)
class Date:
    """What a text says of a time at `start:end`; each part may be missing. `part` is the early, mid or late of it.

    `century` counts from 1, and is 0 where none is named; `before` where it lies before Christ.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    weekday: int | None = None
    part: str = ""
    century: int = 0
    decade: bool = False
    before: bool = False

    @property
    def is_year(self) -> bool:
        """Whether nothing but a year is named."""
        return self.year is not None and not (self.month or self.quarter or self.decade)


@lru_cache(4096)
def dates(text: str) -> tuple[Date, ...]:
    """The dates of a text in their order; no character belongs to two."""
    found: list[Date] = []
    taken = bytearray(len(text))
    for date in _read(text):
        if not any(taken[date.start : date.end]):
            taken[date.start : date.end] = b"\1" * (date.end - date.start)
            found.append(date)
    return tuple(sorted(found, key=lambda date: date.start))


def _read(text: str) -> Iterator[Date]:
    for at in _DIGITS.finditer(text):
        if at["y"]:
            yield Date(at.start(), at.end(), int(at["y"]), int(at["m"]), int(at["d"]))
            continue
        day, month = int(at["a"]), int(at["b"])
        if month > _MONTHS_IN_YEAR:
            day, month = month, day
        if month <= _MONTHS_IN_YEAR and day <= _DAYS_IN_MONTH:
            yield Date(at.start(), at.end(), int(at["c"]), month, day)
    for at in _DAY_FIRST.finditer(text):
        day = int(at["day"]) if at["day"] else ordinal(at["word"].lower()) or 0
        if 0 < day <= _DAYS_IN_MONTH and _is_month(at, text):
            yield Date(at.start(), at.end(), _int(at["year"]), _MONTHS[at["month"].lower()], day)
    for at in _MONTH_FIRST.finditer(text):
        if _is_month(at, text):
            part = _part(at["part"] or "")
            yield Date(at.start(), at.end(), _int(at["year"]), _MONTHS[at["month"].lower()], _int(at["day"]), part=part)
    for at in _QUARTER.finditer(text):
        name = (at["q"] or at["n"]).lower().rstrip(".")
        quarter = int(name) if name.isdigit() else ordinal(name) or _LAST_QUARTER
        yield Date(at.start(), at.end(), _int(at["year"]), quarter=quarter)
    yield from _years(text)


def _years(text: str) -> Iterator[Date]:
    for at in _CENTURY.finditer(text):
        number = int(at["n"]) if at["n"] else ordinal(at["word"].lower())
        if number:
            yield Date(at.start(), at.end(), century=number, before=bool(at["era"]))
    for at in _DECADE.finditer(text):
        if at["year"].endswith("0"):
            yield Date(at.start(), at.end(), int(at["year"]), decade=True)
    for at in _SPOKEN_YEAR.finditer(text):
        head, tail = cardinal(at["head"].lower()), _below_hundred(at["tail"].lower())
        if head is not None and tail is not None and not re.match(r"[\s-](?:thousand|million)", text[at.end() :]):
            yield Date(at.start(), at.end(), int(head * 100 + tail))
    for at in _FISCAL.finditer(text):
        yield Date(at.start(), at.end(), int(at["year"]))
    yield from _numbered(text)
    for at in re.finditer(r"[^\W\d_]+", text):
        weekday = _WEEKDAYS.get(at.group().lower().removesuffix("s"))
        if weekday is not None:
            yield Date(at.start(), at.end(), weekday=weekday)


def _numbered(text: str) -> Iterator[Date]:
    """Years in digits; what has a unit is none."""
    low = text.lower() if len(text.lower()) == len(text) else text
    for at in _YEARS.finditer(text):
        if at["year"] and not at["to"] and measured(low, at.end("year")) is not None:
            continue  # `1500 kg`
        year = int(at["year"] or f"20{at['short']}")
        before = bool(at["era"])
        first = at.end("year") if at["year"] else at.end("short")
        yield Date(at.start(), first, year, before=before)
        if at["to"]:
            last = int(at["to"]) if len(at["to"]) > 2 else year // 100 * 100 + int(at["to"])  # digits
            yield Date(at.start("to"), at.end("to"), last, before=before)
    # After `from` and `to` a number below 1000 is a year only where another one surely is.
    early = [at for at in _ANNO.finditer(text) if measured(low, at.end("year")) is None]
    if any(at["sure"] for at in early):
        yield from (Date(at.start("year"), at.end("year"), int(at["year"])) for at in early)


def _below_hundred(words: str) -> float | None:
    parts = [cardinal(word) for word in words.split("-")]
    return None if any(one is None for one in parts) else sum(one for one in parts if one is not None)


def _is_month(at: re.Match[str], text: str) -> bool:
    """`May` and `March` are words too; a month begins with a capital, and stands by a day, a year or in its place."""
    name = text[at.start("month") : at.end("month")]
    if not name[0].isupper():
        return False
    if name.lower() not in {"may", "march", "mar", "august"} or at.groupdict().get("day") or at["year"]:
        return True
    before = text[: at.start("month")].rstrip().rsplit(" ", 1)[-1].lower()
    return before in {
        "in",
        "of",
        "since",
        "until",
        "by",
        "from",
        "to",
        "and",
        "last",
        "next",
        "im",
        "mid",
        "early",
        "late",
    }


def _part(words: str) -> str:
    first = words.lower().split(" ")[0]
    names = {"early": "early", "beginning": "early", "start": "early", "anfang": "early", "mid": "mid", "middle": "mid"}
    return {**names, "mitte": "mid", "late": "late", "end": "late", "ende": "late"}.get(first, "")


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def agree(one: Date, other: Date) -> bool:
    """Whether parts that both have are the same, or hold each other; the first has no year that the second lacks."""
    if one.weekday is not None or other.weekday is not None:
        return one.weekday == other.weekday
    if one.century or other.century:
        return _agree_on_century(one, other)
    return _same_year(one, other) and _same_month(one, other) and _same_day(one, other)


def _same_month(one: Date, other: Date) -> bool:
    if one.month is not None and other.month is not None and one.month != other.month:
        return False
    return one.quarter is None or _in_quarter(one.quarter, other)


def _same_day(one: Date, other: Date) -> bool:
    if one.day is not None and other.day is not None:
        return one.day == other.day
    return _in_part(one.part, other.day)


def _same_year(one: Date, other: Date) -> bool:
    if one.year is None or other.year is None:
        return one.year is None
    if one.before != other.before:
        return False
    if one.decade != other.decade:
        decade, exact = (one, other) if one.decade else (other, one)
        return decade.year == (exact.year or 0) // 10 * 10
    return one.year == other.year


def _in_quarter(quarter: int, other: Date) -> bool:
    if other.quarter is not None:
        return other.quarter == quarter
    return other.month is not None and (other.month + 2) // 3 == quarter


def _in_part(part: str, day: int | None) -> bool:
    if not part or day is None:
        return True
    return {"early": day <= _EARLY, "mid": _EARLY < day <= _MIDDLE, "late": day > _MIDDLE}[part]


def _agree_on_century(one: Date, other: Date) -> bool:
    if one.century and other.century:
        return (one.century, one.before) == (other.century, other.before)
    named, dated = (one, other) if one.century else (other, one)
    if dated.year is None:
        return False
    return (dated.year - 1) // 100 + 1 == named.century and dated.before == named.before


def without_day(date: Date) -> Date:
    """The same date with nothing finer than its year."""
    return replace(date, month=None, day=None, quarter=None, part="")
