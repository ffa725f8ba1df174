"""Questions that compare: the sides that they set against each other, names or years, each as its own question.

Searched as a whole such a question finds passages about one of its sides, whichever has more of them.
"""

import re

from llm.figures.periods import asked_years

_MOST_SIDES = 4
_MOST_WORDS = 6
# `Between 1914 and 1918` alone names a time, and compares nothing.
_COMPARES = re.compile(
    r"\b(?:compar(?:e[ds]?|ing|ison)|versus|vs|differ(?:s|ed|ence|ences|ent)?|contrast"
    r"|vergleich\w*|verglichen|unterschied\w*|unterscheide\w*|gegenüber)\b",
    re.IGNORECASE,
)
_AND = r"(?:and|with|to|und|mit|vs\.?|versus|than|als)"
_NAME = r"(?:(?!\b(?:and|und)\b)[^?!;:,]){2,80}?"
# Where the second name ends: at the end of the question, or where it goes on.
_ENDS = (
    r"(?=\s*(?:[?!;:,]|\.\s|\.?$|\b(?:in|for|on|at|by|with respect|regarding|concerning|differ|during|bei|beim|im|am"
    r"|hinsichtlich|bezüglich)\b))"
)
_PAIR = re.compile(
    rf"\b(?:between|compare|comparing|contrast|zwischen|vergleiche|vergleichen)\s+"
    rf"(?P<first>{_NAME})\s+{_AND}\s+(?P<second>{_NAME}){_ENDS}"
    rf"|(?:^|[,:]\s*)(?P<first2>{_NAME})\s+(?:vs\.?|versus)\s+(?P<second2>{_NAME}){_ENDS}",
    re.IGNORECASE,
)
# What both sides share stands with the first: `the fees of` Acme and Bolt.
_SHARED = re.compile(r".*\b(?:of|for|in|at|von|bei|der|des)\s+(?=\S)", re.IGNORECASE)
_LEFT = re.compile(rf"(?:\s+{_AND})?(?=\s*(?:[?!.,:]|$))", re.IGNORECASE)
# Stands for a year that was taken out.
_GONE = "\0"
_JOINED = re.compile(rf"\0\s*(?:,|\b{_AND}\b)?\s*|\s*(?:,|\b{_AND}\b)\s*(?=\0)", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in\s+)?(?:(?:FY|CY|GJ)\s?['’]?)?(?P<year>(?:19|20)\d\d|(?<=FY)\d\d)\b", re.IGNORECASE)


def sides(question: str) -> tuple[str, ...]:
    """The question once for each side that it compares; empty where it compares nothing that can be told apart."""
    if not _COMPARES.search(question):
        return ()
    years = asked_years(question)
    found = _PAIR.search(question)
    if found is not None:
        first = (found["first"] or found["first2"]).strip()
        second = (found["second"] or found["second2"]).strip()
        shared = _SHARED.match(first)
        if shared is not None and not _SHARED.match(second):
            second = shared.group() + second
        if _is_side(first) and _is_side(second):
            return tuple(_with(question, found.start(), found.end(), side) for side in (first, second))
    if 1 < len(years) <= _MOST_SIDES:
        return tuple(_of_year(question, year) for year in years)
    return ()


def _is_side(name: str) -> bool:
    """Whether it can be searched for: a name, not a year, which reads better in the whole question."""
    return 0 < len(name.split()) <= _MOST_WORDS and not asked_years(name)


def _with(question: str, start: int, end: int, side: str) -> str:
    return _tidy(f"{question[:start]} {side} {question[end:]}")


def _of_year(question: str, year: int) -> str:
    """The question with this year alone; what joins the others to it goes with them."""
    kept = _YEAR.sub(lambda found: found.group() if asked_years(found.group()) == (year,) else _GONE, question)
    return _tidy(_JOINED.sub(" ", kept))


def _tidy(text: str) -> str:
    return re.sub(r"\s+(?=[?!.,:])", "", _LEFT.sub("", " ".join(text.split())))
