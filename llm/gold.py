"""Whether a known answer stands in a given text, as golden questions count it."""

import math
import re
import unicodedata

_SCALES = {
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "m": 1e6,
    "mn": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "tausend": 1e3,
    "millionen": 1e6,
    "milliarde": 1e9,
    "milliarden": 1e9,
}
_FIGURE = re.compile(
    r"(?<![\w.,])(?P<minus>[-−(]?)\s?[$€£]?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"\s?(?P<percent>%|percent|per cent|prozent)?\)?(?:\s?(?P<scale>[a-zA-Z]+)\b)?",
    re.IGNORECASE,
)


def contains(gold: str, answer: str) -> bool:
    """Whether `gold` stands in `answer`, case, space and punctuation folded.

    If `gold` is one figure, an equal number does: 1577.00 = 1,577, and `1.5 million` = 1,500,000.
    """
    folded = _folded(gold)
    if folded and f" {folded} " in f" {_folded(answer)} ":
        return True
    figure = _only_figure(gold)
    return figure is not None and any(math.isclose(figure, other) for other in _figures(answer))


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def _only_figure(text: str) -> float | None:
    found = _FIGURE.fullmatch(text.strip().rstrip("."))
    if found is None or (found["scale"] and found["scale"].lower() not in _SCALES):
        return None
    return _value(found)


def _figures(text: str) -> set[float]:
    values = set()
    for found in _FIGURE.finditer(text):
        values.add(_value(found))
    return values


def _value(found: re.Match[str]) -> float:
    # Signs are left out: statements print outflows in brackets, and answers name them without.
    number = float(found["number"].replace(",", ""))
    return number * _SCALES.get((found["scale"] or "").lower(), 1.0)
