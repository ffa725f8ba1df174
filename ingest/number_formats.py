"""Values of cells as people see them in a spreadsheet: decimals, thousands, percent and currency of their format.

The formats are those of ISO/IEC 29500-1, 18.8.31. What only matters to the eye, such as colours, is left out.
"""

import math
import re
from datetime import date, datetime, time

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|[_*].|\[[^\]]*\]')
_CURRENCY = re.compile(r"[$€£¥₹]|(?<![A-Za-z])(?:USD|EUR|GBP|CHF|JPY)(?![A-Za-z])")
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.([#0?]+))?")
_THOUSANDS_SCALE = re.compile(r"[#0?](,+)(?:\.[#0?]*)?(?=[^#0?,]|$)")
_MOST_DECIMALS = 15
_MOST_PRECISE = 1e15


def told(value: object, number_format: str = "General") -> str:
    """The value as text; empty for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(float(value), number_format) if math.isfinite(value) else ""
    return str(value)


def _moment(value: datetime) -> str:
    if value.time() == time(0):
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")


def _number(value: float, number_format: str) -> str:
    section = _section(value, number_format)
    bare = _LITERAL.sub("", section)
    found = _DIGITS.search(bare)
    if found is None or "general" in bare.lower() or "e+" in bare.lower() or "/" in bare:
        return plain(value)
    if "%" in bare:
        value *= 100
    scale = _THOUSANDS_SCALE.search(bare)
    if scale is not None:  # `#,##0,` shows thousands: whole values are more honest than unnamed thousands
        return plain(value)
    decimals = min(len(found.group(1) or ""), _MOST_DECIMALS)
    grouping = "," if "," in found.group() else ""
    text = f"{value:{grouping}.{decimals}f}"
    if "#" in (found.group(1) or ""):
        text = _without_zeros(text, (found.group(1) or "").count("0"))
    return _with_unit(text, section, percent="%" in bare)


def plain(value: float) -> str:
    """A number without a format, as precise as spreadsheets keep it."""
    if value == int(value) and abs(value) < _MOST_PRECISE:
        return str(int(value))
    return f"{value:.15g}"


def _section(value: float, number_format: str) -> str:
    """Of up to four sections for positive, negative, zero and text the one that shows the value."""
    sections = number_format.split(";")
    if value == 0 and len(sections) > 2 and _DIGITS.search(_LITERAL.sub("", sections[2])):
        return sections[2]
    return sections[0]


def _without_zeros(text: str, kept: int) -> str:
    whole, _, decimals = text.partition(".")
    decimals = decimals[:kept] + decimals[kept:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _with_unit(text: str, section: str, *, percent: bool) -> str:
    if percent:
        return f"{text}%"
    literal = _LITERAL.sub(lambda one: one.group(1) or one.group(2) or one.group(3) or "", section)
    unit = _CURRENCY.search(literal)
    if unit is None:
        return text
    digits = _DIGITS.search(literal)
    before = digits is None or unit.start() < digits.start()
    if not before:
        return f"{text} {unit.group()}"
    gap = " " if unit.group().isalpha() else ""
    return f"-{unit.group()}{gap}{text[1:]}" if text.startswith("-") else f"{unit.group()}{gap}{text}"
