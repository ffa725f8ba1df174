"""Arithmetic that is written out in a sentence, `1,577 − 1,420 = 157 (+11.1 %)`: whether it is right.

Written so by the computing writer, and found in what any writer says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from llm.numbers import rounded_to

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_SAME = str.maketrans("−–×·÷", "--**/")
_SIGNS = "$€£"
_EQUALS = re.compile(r"[=≈]")
_LONGEST_LEFT = 400
# What an equation consists of; read backwards from its equals sign.
_LEFT = frozenset(f"0123456789,. ()+-−–×*·÷/^%{_SIGNS}")
_RIGHT = re.compile(
    rf"\s?(?P<minus>[-−]?)\s?[{_SIGNS}]?\s?(?P<result>{_NUMBER})(?P<percent>\s?%)?"
    rf"(?:\s\((?P<change_minus>[+\-−])(?P<change>{_NUMBER})\s?%\))?"
)
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})(?P<percent>\s?%)?|(?P<sign>[()+\-−–×*·÷/^]))")
_SWAPPED = str.maketrans(".,", ",.")
_LARGEST_POWER = 64
# Multipliers, divisors and powers that stand for no quantity of a document: days, months, counts for a mean, scales.
_CONSTANTS = frozenset(map(Decimal, (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 52, 100, 360, 365, 366, 1000, 10**6, 10**9)))
_MULTIPLYING = frozenset("*/^")
_MOST_STARTS = 20
_DEEPEST = 30
_MOST_CLAIMS = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """An equation at `start:end` of a text; `operands` are the numbers it starts from, without mere constants."""

    start: int
    end: int
    operands: tuple[Decimal, ...]
    results: tuple[Decimal, ...]
    right: bool


def check_arithmetic(text: str, *, german: bool = False) -> list[Claim]:
    """The equations that a text writes out, each with whether it is right as far as its digits go.

    With `german`, points group digits and a comma begins the decimals. What cannot be read as an equation is none.
    A percentage in brackets behind a difference is the change it makes.
    """
    if german:
        text = text.translate(_SWAPPED)
    claims: list[Claim] = []
    for equals in _EQUALS.finditer(text):
        result = _RIGHT.match(text, equals.end())
        start = equals.start()
        while start > max(0, equals.start() - _LONGEST_LEFT) and text[start - 1] in _LEFT:
            start -= 1
        claim = _claim(text[start : equals.start()], start, result) if result else None
        if claim is not None:
            claims.append(claim)
        if len(claims) == _MOST_CLAIMS:
            break
    return claims


def _claim(left: str, place: int, result: re.Match[str]) -> Claim | None:
    # What stands before an equation may look like a part of it: `from 100 to 120, 120 − 100 = 20`.
    starts = [0, *(gap.end() for gap in re.finditer(r"[\s(]", left))][:_MOST_STARTS]
    for start in starts:
        try:
            reading = _Reading(_tokens(left[start:].translate(str.maketrans("", "", _SIGNS))))
            return _judged(result, place + start, reading)
        except (ValueError, ArithmeticError):
            continue
    return None


def _judged(found: re.Match[str], start: int, reading: "_Reading") -> Claim:
    result = _decimal(found["result"], found["minus"])
    wanted = reading.value * 100 if found["percent"] and not reading.percent else reading.value
    right = _rounds_to(wanted, result, _decimals(found["result"]))
    results = [result]
    if found["change"]:
        change = _decimal(found["change"], found["change_minus"])
        results.append(change)
        right = right and _is_change(reading, change, _decimals(found["change"]))
    return Claim(start, found.end(), tuple(reading.operands), tuple(results), right)


def _is_change(reading: "_Reading", change: Decimal, decimals: int) -> bool:
    """Of `new − old = difference`, whether the change is that of old to new."""
    if reading.operators != ["-"] or len(reading.operands) != 2:
        return False
    old = abs(reading.operands[1])
    return bool(old) and _rounds_to(reading.value * 100 / old, change, decimals)


def _rounds_to(value: Decimal, result: Decimal, decimals: int) -> bool:
    return rounded_to(value, decimals) == result


def _decimal(digits: str, minus: str) -> Decimal:
    value = Decimal(digits.replace(",", ""))
    return -value if minus in {"-", "−"} else value


def _decimals(digits: str) -> int:
    return len(digits.partition(".")[2])


def _tokens(text: str) -> list[str | Decimal]:
    """Numbers and signs. Raises ValueError for anything else."""
    if text.count("(") > _DEEPEST:
        raise ValueError("too deep")
    tokens: list[str | Decimal] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError("no arithmetic")
        if found["number"]:
            value = _decimal(found["number"], "")
            tokens += [value, "%"] if found["percent"] else [value]
        else:
            tokens.append(found["sign"].translate(_SAME))
        place = found.end()
    return tokens


class _Reading:
    """The value of tokens by precedence, and their operands and operators. Raises ValueError for no arithmetic."""

    def __init__(self, tokens: Sequence[str | Decimal]) -> None:
        self._tokens = tokens
        self._place = 0
        self.operands: list[Decimal] = []
        self.operators: list[str] = []
        self.percent = "%" in tokens
        with localcontext() as context:
            context.prec = 40
            self.value = self._expression(0)
        if self._place != len(tokens) or not self.operators:
            raise ValueError("more or less than an expression")

    def _expression(self, above: int) -> Decimal:
        value = self._operand()
        while (operator := self._at(self._place)) in _PRECEDENCE and _PRECEDENCE[str(operator)] > above:
            self._place += 1
            self.operators.append(str(operator))
            value = _applied(str(operator), value, self._expression(_PRECEDENCE[str(operator)]))
        return value

    def _operand(self) -> Decimal:
        here = self._at(self._place)
        self._place += 1
        if here == "(":
            value = self._expression(0)
            if self._at(self._place) != ")":
                raise ValueError("an open bracket")
            self._place += 1
            return value
        minus = here == "-"
        if minus:
            here = self._at(self._place)
            self._place += 1
        if not isinstance(here, Decimal):
            raise ValueError("no operand")
        value = -here if minus else here
        self._note(value, first=self._place - 1 - minus)
        return value

    def _note(self, value: Decimal, first: int) -> None:
        """Keep a number that stands for a quantity; `first` is the place of its first token."""
        percent = self._at(self._place) == "%"
        around = {self._at(first - 1), self._at(self._place)}
        constant = value == 1 or (value in _CONSTANTS and not _MULTIPLYING.isdisjoint(map(str, around)))
        if percent or not constant:
            self.operands.append(value)
        self._place += percent

    def _at(self, place: int) -> str | Decimal | None:
        return self._tokens[place] if 0 <= place < len(self._tokens) else None


def _applied(operator: str, left: Decimal, right: Decimal) -> Decimal:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "/":
        return left / right
    if abs(right) > _LARGEST_POWER or left < 0:
        raise ValueError("a power out of reach")
    return left**right
