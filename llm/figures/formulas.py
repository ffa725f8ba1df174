"""Formulas: read from words for a year, `365 * average accounts payable / cost of sales`; evaluated; written out."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from llm.figures.concepts import Concept, Ratio, mentions
from llm.figures.periods import asked_years
from llm.numbers import shown

_DEEPEST = 8
_MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Number:
    """A number that the formula itself brings."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure of a concept for a year."""

    concept: Concept
    year: int


@dataclass(frozen=True, slots=True)
class Operation:
    """Two formulas joined by `+`, `-`, `*`, `/` or `^`."""

    sign: str
    left: "Formula"
    right: "Formula"


Formula = Number | Figure | Operation


@dataclass(frozen=True, slots=True)
class Terms:
    """What a question adds to general knowledge: `said` formulas for names, and `own` concepts, rows by their words."""

    said: Mapping[str, str]
    own: tuple[Concept, ...] = ()


NO_TERMS = Terms({})

# A sign with a space on both sides, or one that no word has inside; words for signs.
_SIGN = re.compile(
    r"\s*(?P<open>\()|\s*(?P<close>\))|\s+(?P<dash>[-−–])\s+|\s*(?P<other>[+*×·÷/])\s*"
    r"|\s+(?P<times>x)\s+(?=[\d(])|(?<=\d)\s*(?P<by>x)\s+"
    r"|\s+(?P<word>divided by|plus|minus|multiplied by|times|over)\s+",
    re.IGNORECASE,
)
_WORDS = {"divided by": "/", "over": "/", "plus": "+", "minus": "-", "multiplied by": "*", "times": "*"}
_SIGNS = {"×": "*", "·": "*", "÷": "/", "x": "*", "−": "-", "–": "-"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Brackets that explain a word rather than group: `depreciation and amortization (from the cash flow statement)`.
_EXPLAINING = re.compile(
    r"(?<=\w)\s*\((?:from|in|on|as|which|excluding|including)\b[^()]*\)|(?<=\w)\s+\([A-Za-z&.]{1,10}\)", re.IGNORECASE
)
_STATEMENTS = re.compile(
    r",?\s*\b(?:from|in|on|using|per|as shown in|according to)\s+(?:the\s+)?(?:consolidated\s+)?"
    r"(?:(?:cash flow|income|p&l|profit and loss)s?\s+statements?|balance sheets?|p&l|statements? of [\w ]{3,30})",
    re.IGNORECASE,
)
_AVERAGE = re.compile(r"^\W*(?:the\s+)?(?:average|avg\.?|mean|durchschnittliche[rns]?)\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"^\W*(?:the\s+)?(?:year[- ]over[- ]year\s+)?(?:change|increase|growth|difference"
    r"|veränderung)\s+(?:in|of|der|des)\b",
    re.IGNORECASE,
)


def read(text: str, year: int, terms: Terms = NO_TERMS) -> Formula | None:
    """The formula in words for a year; None where a part is no known figure or the signs make no formula.

    `average X` and `change in X` go from the year before to the year unless they name years themselves. `terms` are
    what the question says of concepts and ratios, by their names: formulas that go before general knowledge.
    """
    bare = _STATEMENTS.sub(" ", _EXPLAINING.sub(" ", text[:_MOST_CHARACTERS]))
    reading = _Words(list(_tokens(bare)), year, terms)
    try:
        formula = reading.formula(0, 0)
    except ValueError:
        return None
    return formula if reading.finished else None


def mean(parts: Sequence[Formula]) -> Formula:
    """Their arithmetic mean."""
    return Operation("/", total(parts), Number(Decimal(len(parts)))) if len(parts) > 1 else parts[0]


def total(parts: Sequence[Formula]) -> Formula:
    """Their sum."""
    summed = parts[0]
    for part in parts[1:]:
        summed = Operation("+", summed, part)
    return summed


def figures(formula: Formula) -> Iterator[Figure]:
    """The figures in a formula, from left to right, each once."""
    yield from dict.fromkeys(_figures(formula))


def _figures(formula: Formula) -> Iterator[Figure]:
    if isinstance(formula, Operation):
        yield from _figures(formula.left)
        yield from _figures(formula.right)
    elif isinstance(formula, Figure):
        yield formula


def evaluate(formula: Formula, value_of: Callable[[Figure], Decimal]) -> Decimal:
    """Its value. Raises ArithmeticError for a division by zero."""
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Figure):
        return value_of(formula)
    left, right = evaluate(formula.left, value_of), evaluate(formula.right, value_of)
    if formula.sign == "+":
        return left + right
    if formula.sign == "-":
        return left - right
    if formula.sign == "*":
        return left * right
    return left / right if formula.sign == "/" else left**right


def written(formula: Formula, text_of: Callable[[Figure], str]) -> str:
    """Written out with no more brackets than it needs."""
    if isinstance(formula, Number):
        return shown(formula.value, max(0, -int(formula.value.as_tuple().exponent)))
    if isinstance(formula, Figure):
        return text_of(formula)
    rank = _PRECEDENCE[formula.sign]
    left = _bracketed(formula.left, written(formula.left, text_of), _rank(formula.left) < rank)
    # Subtraction and division bind to the left.
    right = _bracketed(
        formula.right, written(formula.right, text_of), _rank(formula.right) <= rank and formula.sign not in "+*"
    )
    right = _bracketed(formula.right, right, _rank(formula.right) < rank and formula.sign in "+*")
    return f"{left} {_PRINTED[formula.sign]} {right}"


_PRINTED = {"+": "+", "-": "−", "*": "×", "/": "÷", "^": "^"}


def _rank(formula: Formula) -> int:
    return _PRECEDENCE[formula.sign] if isinstance(formula, Operation) else 9


def _bracketed(formula: Formula, text: str, wanted: bool) -> str:
    return f"({text})" if wanted and isinstance(formula, Operation) else text


def _tokens(text: str) -> Iterator[str]:
    """Signs, and what stands between them."""
    place = 0
    for found in _SIGN.finditer(text):
        before = text[place : found.start()].strip(" ,.;:=")
        if before:
            yield before
        kind = found.lastgroup or ""
        token = found[kind].lower()
        yield _WORDS.get(token) or _SIGNS.get(token, token)
        place = found.end()
    rest = text[place:].strip(" ,.;:=")
    if rest:
        yield rest


class _Words:
    """Reads tokens by precedence. Raises ValueError where they make no formula."""

    def __init__(self, tokens: Sequence[str], year: int, terms: Terms) -> None:
        self._tokens = tokens
        self._year = year
        self._terms = terms
        self._place = 0

    @property
    def finished(self) -> bool:
        return self._place == len(self._tokens)

    def formula(self, above: int, depth: int) -> Formula:
        left = self._operand(depth)
        while (sign := self._here()) in _PRECEDENCE and _PRECEDENCE[sign] > above:
            self._place += 1
            left = Operation(sign, left, self.formula(_PRECEDENCE[sign], depth))
        return left

    def _operand(self, depth: int) -> Formula:
        here = self._here()
        self._place += 1
        if here == "(" and depth < _DEEPEST:
            inside = self.formula(0, depth + 1)
            if self._here() != ")":
                raise ValueError("an open bracket")
            self._place += 1
            return inside
        if _NUMBER.fullmatch(here):
            return Number(Decimal(here.replace(",", "")))
        return _named(here, self._year, self._terms)

    def _here(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""


def _named(words: str, year: int, terms: Terms) -> Formula:
    """The one figure or ratio that words without signs name. Raises ValueError for none or several."""
    found = mentions(words, terms.own)
    if len(found) != 1:
        raise ValueError("not one figure")
    what = found[0].what
    before = words[: found[0].start]
    years = asked_years(words) or (year,)
    last = years[-1]
    first = years[0] if len(years) > 1 else last - 1
    if _AVERAGE.search(before):
        return mean([_of(what, last, terms), _of(what, first, terms)])
    if _CHANGE.search(before):
        return Operation("-", _of(what, last, terms), _of(what, first, terms))
    if len(years) > 1:
        raise ValueError("one figure of several years")
    return _of(what, last, terms)


def _of(what: Concept | Ratio, year: int, terms: Terms) -> Formula:
    said = terms.said.get(what.name)
    text = said or (what.formula if isinstance(what, Ratio) else "")
    if not text:
        assert isinstance(what, Concept)
        return Figure(what, year)
    # What a term is made of cannot be made of the term itself.
    others = {name: formula for name, formula in terms.said.items() if name != what.name}
    formula = read(text, year, Terms(others, terms.own))
    if formula is None:
        raise ValueError(f"no formula for {what.name}")
    return formula


def expanded(figure: Figure) -> Formula | None:
    """What a figure is made of, where general knowledge says so."""
    return read(figure.concept.made_of, figure.year) if figure.concept.made_of else None


def read_expanded(text: str, year: int, terms: Terms = NO_TERMS) -> Formula | None:
    """As `read`, with what every figure without rows of its own is made of."""
    formula = read(text, year, terms)
    return _expanded(formula) if formula is not None else None


def _expanded(formula: Formula) -> Formula:
    if isinstance(formula, Operation):
        return Operation(formula.sign, _expanded(formula.left), _expanded(formula.right))
    if isinstance(formula, Figure) and not formula.concept.labels:
        parts = expanded(formula)
        return _expanded(parts) if parts is not None else formula
    return formula
