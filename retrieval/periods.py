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
# A year that ended so early in the calendar is also called by the one before.
_EARLY_MONTH = 2
_CALLED_BEFORE = 0.8
# A report prints the years before its own beside it.
_BESIDE = {0: 1.0, 1: 0.5, 2: 0.25}
_SAME_QUARTER, _NO_QUARTER, _OTHER_QUARTER, _UNASKED_QUARTER = 0.6, -0.1, -0.3, -0.25


@dataclass(frozen=True, slots=True)
class Periods:
    """Years with how sure they are, from 0 to 1, and quarters from 1 to 4."""

    years: Mapping[int, float]
    quarters: frozenset[int]


def mentioned(text: str) -> Periods:
    """The periods that stand in a question or a name."""
    apart = _GLUED.sub(r"\1\2 ", text)
    years = {int(year) for year in _YEAR.findall(apart)} | {2000 + int(year) for year in _SHORT_YEAR.findall(apart)}
    return Periods(dict.fromkeys(years, 1.0), _quarters(apart))


def covered(name: str, opening: str) -> Periods:
    """The periods that a document is about, by its name and by how it begins."""
    named = mentioned(name)
    years, quarters = dict(named.years), named.quarters
    date = next((found for found in _DATE.finditer(opening) if found["end"]), None) or _DATE.search(opening)
    if date is not None:
        year, month = int(date["year"]), _MONTHS[(date["month"] or date["first"]).lower()]
        years.setdefault(year, 1.0)
        if month <= _EARLY_MONTH:
            years.setdefault(year - 1, _CALLED_BEFORE)
        if not quarters and date["end"] and _QUARTERLY.search(opening):
            quarters = frozenset({(month + 2) // 3})
    if (fiscal := _FISCAL.search(opening)) is not None:
        years.setdefault(int(fiscal[1]), 1.0)
    return Periods(years, quarters)


def agreement(asked: Periods, document: Periods) -> float:
    """How well a document's periods suit those asked for, from -0.3 to 1.6; of several years the last one counts."""
    fit = 0.0
    if asked.years:
        year = max(asked.years)
        fit = max(weight * document.years.get(year + after, 0.0) for after, weight in _BESIDE.items())
    if not asked.quarters:
        return fit + (_UNASKED_QUARTER if document.quarters else 0.0)
    if asked.quarters & document.quarters:
        return fit + _SAME_QUARTER
    return fit + (_OTHER_QUARTER if document.quarters else _NO_QUARTER)


def _quarters(text: str) -> frozenset[int]:
    found = _QUARTER.finditer(text.replace("_", " "))
    return frozenset(int(one[1] or _ORDINALS[one[2].lower()]) for one in found)
