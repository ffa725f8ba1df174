"""Which lines look like headings: cheap rules on wording. What type size and weight tell is added by callers."""

import re

_MAX_CHARS = 120
_MAX_WORDS = 16
_FIGURE = re.compile(r"^[($€£]*[-–—]?[\d.,:/]*\d[\d.,:/]*[)%]*$|^[—–$%-]$")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERED = re.compile(
    r"^(?:(?:item|part|chapter|section|article|note|appendix|annex|exhibit|teil|kapitel|abschnitt|anhang|anlage)"
    r"\s+(?:\d{1,3}[a-z]?|[ivxlc]{1,6}|[a-h])\b[.:]?|\d{1,2}(?:\.\d{1,2}){1,4}\.?\s+\w|§+\s*\d)",
    re.IGNORECASE,
)


def could_title(text: str) -> bool:
    """Whether the line's wording allows it to be a heading: short, with words, neither a sentence nor a table row."""
    if len(text) > _MAX_CHARS or text[-1:] in {".", ",", ";"}:
        return False
    words = text.split()
    letters = len(_LETTER.findall(text))
    if not words or len(words) > _MAX_WORDS or letters < 2 or letters * 2 < len(text):
        return False
    figures = sum(bool(_FIGURE.match(word)) for word in words)
    return figures == 0 or (figures == 1 and not _FIGURE.match(words[-1])) or is_numbered(text)


def is_numbered(text: str) -> bool:
    """Whether the line starts as numbered headings do: `Item 7.`, `3.2 Results`, `Kapitel 4`."""
    return _NUMBERED.match(text) is not None and text[-1:] != ","


def is_capitals(text: str) -> bool:
    """Whether the line is written in capitals throughout, and long enough to be no mere abbreviation."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 6 and all(c.isupper() for c in letters)


def folded(text: str) -> str:
    """The text as outline entries and lines are compared: case, space and punctuation do not count."""
    return "".join(c for c in text.casefold() if c.isalnum())
