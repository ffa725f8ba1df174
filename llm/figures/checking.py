"""Whether a sentence of figures, as this package makes them, rests on its passages: every number and all arithmetic."""

from collections.abc import Sequence
from decimal import Decimal

from llm.figures.arithmetic import Claim, check_arithmetic
from llm.numbers import numbers


def rests(sentence: str, passages: Sequence[str]) -> bool:
    """Whether each number of the sentence stands in a passage or comes out of right arithmetic on such numbers.

    Signs are left aside, since statements print them in brackets or not at all. Numbers are read the English or the
    German way, but all of them the same.
    """
    return any(_rests(sentence, passages, german=german) for german in (False, True))


def _rests(sentence: str, passages: Sequence[str], *, german: bool) -> bool:
    claims = check_arithmetic(sentence, german=german)
    if not all(claim.right for claim in claims):
        return False
    known = {abs(number.value) for passage in passages for number in numbers(passage, german=german)}
    for claim in claims:
        if not known.issuperset(map(abs, claim.operands)):
            return False
        known.update(map(abs, claim.results))
    return all(number in known for number in _outside(sentence, claims, german=german))


def _outside(sentence: str, claims: Sequence[Claim], *, german: bool) -> list[Decimal]:
    """The numbers that stand in no equation."""
    found = numbers(sentence, german=german)
    return [abs(n.value) for n in found if not any(c.start <= n.start and n.end <= c.end for c in claims)]
