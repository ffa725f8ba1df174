"""The years and quarters that a text speaks of: those a question asks for, and those a document covers.

Only arithmetic on what is written; whose fiscal year ends when is not known here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"\b(?:FY|CY)\s?['’]?(\d\d)\b", re.IGNORECASE)
_GLUED = re.compile(r"(Q[1-4])['’]?(?=(?:19|20)\d\d)|((?<!\d)(?:19|20)\d\d)(?=Q[1-4])", re.IGNORECASE)
_QUARTER = re.compile(r"\bQ([1-4])\b|\b(first|second|third|fourth)[\s-]+(?:fiscal\s+)?quarter", re.IGNORECASE)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "januar"),
            ("february", "februar"),
            ("march", "märz"),
            ("april",),
            ("may", "mai"),
            ("june", "juni"),
            ("july", "juli"),
            ("august",),
            ("september",),
            ("october", "oktober"),
            ("november",),
            ("december", "dezember"),
        ),
        1,
    )
    for name in names
}
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    r"(?P<end>\bend(?:ed|ing)\s+(?:on\s+)?)?"
    rf"\b(?:\d{{1,2}}\.?\s+(?P<month>{_MONTH})|(?P<first>{_MONTH})\s+\d{{1,2}}\s*,?)"
    r"\s+(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_FISCAL = re.compile(r"\b(?:fiscal(?:\s+year)?|FY|Geschäftsjahr)\s*((?:19|20)\d\d)\b", re.IGNORECASE)
_QUARTERLY = re.compile(r"\bquarterly\s+(?:period|report)|\bquartalsbericht", re.IGNORECASE)
_ANNUAL = re.compile(r"\bannual\s+report|\b10-K\b|\bGeschäftsbericht|\bJahresbericht", re.IGNORECASE)
# Where a report says of which quarter it is.
_TITLE_CHARACTERS = 800
# A year that ended so early in the calendar is also called by the one before.
_EARLY_MONTH = 2
_CALLED_BEFORE = 0.8
# A report prints the years before its own beside it.
_BESIDE = {0: 1.0, 1: 0.5, 2: 0.25}
_SAME_QUARTER, _NO_QUARTER, _OTHER_QUARTER, _UNASKED_QUARTER = 0.6, -0.1, -0.3, -0.25
# The report of the last quarter is also one of the year.
_LAST_QUARTER = 4
# Counted from the month, as if every year ended in December.
_COUNTED = 0.5
# By midyear many are in a fiscal year that is called by the next one.
_LATE_MONTH, _CALLED_AFTER = 6, 0.4


@dataclass(frozen=True, slots=True)
class Periods:
    """Years, and quarters from 1 to 4, each with how sure it is, from 0 to 1."""

    years: Mapping[int, float]
    quarters: Mapping[int, float]


def mentioned(text: str) -> Periods:
    """The periods that stand in a question or a name."""
    apart = _GLUED.sub(r"\1\2 ", text)
    years = {int(year) for year in _YEAR.findall(apart)} | {2000 + int(year) for year in _SHORT_YEAR.findall(apart)}
    return Periods(dict.fromkeys(years, 1.0), _quarters(apart))


def covered(name: str, opening: str) -> Periods:
    """The periods that a document is about, by its name and by how it begins."""
    named = mentioned(name)
    years, quarters = dict(named.years), dict(named.quarters)
    if not quarters and not _ANNUAL.search(opening):
        quarters = _quarters(opening[:_TITLE_CHARACTERS])
    date = next((found for found in _DATE.finditer(opening) if found["end"]), None) or _DATE.search(opening)
    if date is not None:
        year, month = int(date["year"]), _MONTHS[(date["month"] or date["first"]).lower()]
        years.setdefault(year, 1.0)
        if month <= _EARLY_MONTH:
            years.setdefault(year - 1, _CALLED_BEFORE)
        if date["end"] and _QUARTERLY.search(opening):
            quarters = quarters or {(month + 2) // 3: _COUNTED}
            if month >= _LATE_MONTH:
                years.setdefault(year + 1, _CALLED_AFTER)
    if (fiscal := _FISCAL.search(opening)) is not None:
        years.setdefault(int(fiscal[1]), 1.0)
    return Periods(years, quarters)


def agreement(asked: Periods, document: Periods) -> float:
    """How well a document's periods suit those asked for, from -0.3 to 1.6; of several years the last one counts."""
    fit = 0.0
    if asked.years:
        year = max(asked.years)
        fit = max(weight * document.years.get(year + after, 0.0) for after, weight in _BESIDE.items())
    return fit + _quarter_agreement(asked.quarters, document.quarters)


def _quarter_agreement(asked: Mapping[int, float], document: Mapping[int, float]) -> float:
    if not asked:
        return _UNASKED_QUARTER if document and _LAST_QUARTER not in document else 0.0
    if not document:
        return _NO_QUARTER
    same = max((sure for quarter, sure in document.items() if quarter in asked), default=0.0)
    return _SAME_QUARTER * same if same else _OTHER_QUARTER * max(document.values())


def _quarters(text: str) -> dict[int, float]:
    found = _QUARTER.finditer(text.replace("_", " "))
    return dict.fromkeys((int(one[1] or _ORDINALS[one[2].lower()]) for one in found), 1.0)
