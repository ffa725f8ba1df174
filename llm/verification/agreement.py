"""When two quantities agree: hedges, rounding, units and fractions allowed."""

from dataclasses import replace

from llm.verification.measures import MONEY, PERCENT, RATIO, TIME
from llm.verification.quantities import ABOUT, NEARLY, ORDINAL, OVER, UNDER, Quantity

_HUNDRED = 100
# How far what is said may lie from what is written: of rounded words, of converted units, and of fractions.
_ROUGHLY, _CONVERTED, _FRACTION = 0.06, 0.025, 0.04
_EXACT_FRACTION = 0.013
_TINY = 1e-9
_ROUNDING = 0.5
# What is said to be over, under or nearly so much lies between these times as much.
_REACHES = {OVER: (1.0, 1.6), UNDER: (0.5, 1.0), NEARLY: (0.85, 1.001)}


def agrees(said: Quantity, written: Quantity) -> bool:
    """Whether a quantity of a sentence says what one of a passage does, hedges and rounding allowed."""
    if not comparable(said, written):
        return False
    if said.kind == "temperature" and said.measure != written.measure:
        pairs = [
            (said.value, written.value),
            (said.value + said.measure.offset, written.value + written.measure.offset),
        ]
        return any(abs(one - other) <= 0.02 * abs(other) + 0.05 for one, other in pairs)  # of degrees
    if said.measure.per and written.measure.per:
        if said.measure.per != written.measure.per:
            return False
        said = replace(said, value=said.value / said.measure.for_each, step=said.step / said.measure.for_each)
        written = replace(written, value=written.value / written.measure.for_each)
        written = replace(written, step=written.step / written.measure.for_each)
    one, other = abs(_share_of(said)), abs(_share_of(written))
    if RATIO in {said.kind, written.kind}:
        if {said.hedge, written.hedge} == {OVER, UNDER} and abs(one - other) <= _FRACTION:
            return False
        return _near_fraction(one, other, said.hedge, written.hedge)
    return near(one, other, said, written)


def comparable(said: Quantity, written: Quantity) -> bool:
    """Whether two quantities measure the same thing in the same currency."""
    shares = {PERCENT, RATIO}
    if said.kind in shares and written.kind in shares:
        return True
    if said.kind != written.kind:
        return False
    codes = {said.measure.code, written.measure.code}
    return len(codes) == 1 or "" in codes


def near(one: float, other: float, said: Quantity, written: Quantity) -> bool:
    """Whether `one`, printed as `said` is, stands for `other`."""
    if abs(one - other) <= _TINY * max(one, other, _TINY):
        # What is more than so many is not so many, and still less what is less.
        if {said.hedge, written.hedge} == {OVER, UNDER}:
            return False
        return said.hedge not in {OVER, UNDER} or bool(written.hedge) or said.kind in {TIME, ""}
    gap = abs(one - other)
    if said.hedge in _REACHES:
        least, most = _REACHES[said.hedge]
        return one * least < other < one * most
    if said.hedge == ABOUT:
        return gap <= _ROUGHLY * other or gap <= _ROUNDING * said.step
    if said.measure != written.measure and said.kind not in {"", MONEY, PERCENT}:
        return gap <= _CONVERTED * other
    return said.step > written.step and gap <= _ROUNDING * said.step * (1 + _TINY)


def _share_of(quantity: Quantity) -> float:
    return quantity.value / _HUNDRED if quantity.kind == PERCENT else quantity.value


def _near_fraction(one: float, other: float, hedge: str, written: str) -> bool:
    if hedge == OVER:
        return one - _EXACT_FRACTION * bool(written) < other <= max(1.0, one * 1.6) and other > one - _TINY
    if hedge == UNDER:
        return other < one
    if hedge == NEARLY:
        return one - 2 * _FRACTION <= other <= one + _TINY
    return abs(one - other) <= (_FRACTION if hedge == ABOUT else _EXACT_FRACTION)


def stands(said: Quantity, written: Quantity) -> bool:
    """Whether a number of a sentence is one of a passage, units that one of both leaves out aside."""
    if agrees(said, written):
        return True
    if {said.hedge, written.hedge} == {OVER, UNDER}:
        return False
    kinds = {said.kind, written.kind}
    if "" in kinds and kinds.isdisjoint({MONEY, PERCENT, RATIO, ORDINAL, "times"}):
        return said.plain == written.plain
    return kinds == {"", ORDINAL} and said.plain == written.plain
