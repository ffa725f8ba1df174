"""Whether a number follows from others: as a difference, a sum, a share, a count, or the time between dates."""

import re
from collections.abc import Sequence
from dataclasses import replace

from llm.verification.agreement import agrees, comparable, near
from llm.verification.dates import Date
from llm.verification.lexicon import word_set
from llm.verification.measures import PERCENT, RATIO, TIME, Measure
from llm.verification.quantities import ORDINAL, Quantity
from llm.verification.readings import Reading

YEAR_SECONDS = 365.25 * 86400
_DIFFERENCE = word_set(
    "than by difference differ differs differed older younger more less fewer higher lower between "
    "rose fell increased decreased increase decrease grew shrank gap lead led ahead another additional apart "
    "exceeded below above "
    "remaining left longer shorter dropped gained lost margin won beat lay lasted "
    "als um mehr weniger älter jünger zwischen vorn vorsprung unterschied übertraf differenz gestiegen "
    "stieg sank gesunken zunahm abnahm führte lag höher niedriger lagen"
)
_SUM = word_set(
    "between together total combined both sum altogether all add adds added and overall zusammen insgesamt "
    "beide gesamt summe und"
)
_CHANGE = word_set(
    "grew grow growth increased increase rose fell decreased decrease declined decline down up shrank higher "
    "lower more less faster slower "
    "change changed dropped gained gestiegen stieg sank gesunken wuchs zunahme rückgang mehr weniger höher niedriger"
)
_REST = word_set(
    "not no n't outside except excluding rest remaining other others turnout without never none "
    "nicht kein keine außerhalb übrige übrigen rest ohne andere"
)
_EACH = word_set(
    "each per every apiece piece average between both all altogether total steps intervals equal same yearly monthly "
    "jede jeder jedes jeden jedem je pro pauschal durchschnittlich durchschnitt insgesamt zusammen gleich gleichen "
    "schritten abstand"
)
_OTHERS = word_set("rest remaining others turnout übrige übrigen rest")
_LIST = re.compile(r"[^,;.]{1,60}?,\s(?:[^,;.]{1,60}?,\s)*(?:(?:and|or|und|oder|sowie)\s)?[^,;.]{1,60}")
_TWO = re.compile(r"\b(?:and|both|und|beide|sowie|respectively)\b", re.IGNORECASE)
_LARGEST_COUNT = 12
APART = word_set(
    "after before later earlier until when had between since from to old than nach vor später früher als bis "
    "seit zwischen"
)
_MOST, _MOST_MULTIPLIED = 40, 12
_EXACTLY = 1e-6
# Below this plain numbers differ by so much by chance.
_BY_CHANCE = 20
_DAY_SECONDS, _MONTH_DAYS = 86400.0, 365.25 / 12


def derived(said: Quantity, sentence: Reading, written: Reading) -> bool:
    """Whether a number follows from those of the span: as a difference, a sum, a share or the time between dates.

    Small plain numbers do so by chance, so that the sentence has to name the operation.
    """
    lows = sentence.lows
    pool = [one for one in written.quantities if one.kind != ORDINAL][:_MOST]
    if said.kind in {RATIO, "times", PERCENT}:
        percents = [one for one in pool if one.kind == PERCENT]
        added = _SUM & lows and len(percents) > 1 and _is_sum(said, percents)
        return bool(
            added
            or _is_share(said, pool, lows, written.lows)
            or (said.kind == PERCENT and _is_difference(said, pool, lows))
        )
    if _is_difference(said, pool, lows) or _is_portion(said, pool):
        return True
    if (_EACH & (lows | written.lows)) and _is_product(said, pool):
        return True
    if (_SUM & lows or said.plain >= _BY_CHANCE) and _is_sum(said, pool):
        return True
    if said.kind == TIME and (is_span_of_years(said, written.dates) or _is_span_of_days(said, written.dates)):
        return True
    return not said.kind and bool(lows & (_DIFFERENCE | APART)) and is_span_of_years(said, written.dates)


def _is_difference(said: Quantity, pool: Sequence[Quantity], lows: frozenset[str]) -> bool:
    if not lows & (_DIFFERENCE | _REST) and (said.kind == TIME or (not said.kind and said.plain < _BY_CHANCE)):
        return False
    return any(
        near(abs(said.value), abs(one.value - other.value), said, replace(one, step=max(one.step, other.step)))
        for place, one in enumerate(pool)
        for other in pool[place + 1 :]
        if _same_kind(said, one) and one.kind == other.kind and one.value != other.value
    ) or (
        said.kind == TIME
        and said.measure.size == YEAR_SECONDS
        and any(
            abs(one.plain - other.plain) == said.plain
            for one in pool
            for other in pool
            if {one.kind, other.kind} <= {"", TIME}
        )
    )


def _is_product(said: Quantity, pool: Sequence[Quantity]) -> bool:
    """So many of so much each; so much divided among so many; how often one goes into another."""
    amounts = [one for one in pool[:_MOST_MULTIPLIED] if one.kind not in {RATIO, PERCENT, "times"} and one.value]
    values = (
        (one, value)
        for one in amounts
        for count in amounts
        if count is not one and not count.kind and count.plain > 1 and comparable(said, one)
        for value in (one.value * count.plain, one.value / count.plain)
    )
    if any(near(abs(said.value), abs(value), said, replace(one, step=0.0)) for one, value in values):
        return True
    times = (one.value / other.value for one in amounts for other in amounts if one.kind and one.kind == other.kind)
    return not said.kind and said.plain > 1 and any(abs(part - said.plain) <= _EXACTLY for part in times)


def _is_portion(said: Quantity, pool: Sequence[Quantity]) -> bool:
    """`a quarter of 164`, or the rest of it."""
    shares = [one.value / (100 if one.kind == PERCENT else 1) for one in pool if one.kind in {RATIO, PERCENT}]
    return any(
        near(abs(said.value), abs(one.value) * part, said, replace(one, step=0.0))
        for one in pool
        if _same_kind(said, one) and one.kind not in {RATIO, PERCENT}
        for share in shares
        if 0 < share < 1
        for part in (share, 1 - share)
    )


def _is_span_of_days(said: Quantity, dates: Sequence[Date]) -> bool:
    """Whether so many days, weeks or months lie between two dates."""
    points = [_ordinal(date) for date in dates if date.year is not None and date.month is not None]
    exact = all(date.day is not None for date in dates if date.month is not None)
    slack = 1.0 if exact else _MONTH_DAYS / 2
    days = said.value / _DAY_SECONDS
    slack = max(slack if said.hedge or not exact else 0.0, 0.5 * said.measure.size / _DAY_SECONDS - 0.5)
    return any(
        one != other and abs(abs(one - other) - days) <= slack + 0.06 * days * bool(said.hedge)
        for place, one in enumerate(points)
        for other in points[place + 1 :]
    )


def _ordinal(date: Date) -> float:
    return (date.year or 0) * 365.25 + ((date.month or 1) - 1) * _MONTH_DAYS + (date.day or 15)


def _is_sum(said: Quantity, pool: Sequence[Quantity]) -> bool:
    same = [one for one in pool if _same_kind(said, one)]
    whole = sum(one.value for one in same)
    pairs = (one.value + other.value for place, one in enumerate(same) for other in same[place + 1 :])
    return any(near(said.value, value, said, same[0]) for value in (*pairs, whole)) if len(same) > 1 else False


def _same_kind(said: Quantity, one: Quantity) -> bool:
    return comparable(said, one) or said.kind == ""


def _is_share(said: Quantity, pool: Sequence[Quantity], lows: frozenset[str], written: frozenset[str]) -> bool:
    value = said.value / 100 if said.kind == PERCENT else said.value
    times = Quantity(said.start, said.end, value, said.step / 100, value, Measure(RATIO), said.hedge)
    changing = bool(lows & _CHANGE)
    for one in pool:
        if one.kind in {PERCENT, RATIO}:
            share = one.value / 100 if one.kind == PERCENT else one.value
            grown = share if changing and said.kind == "times" else None
            # What did not is the rest of what did.
            resting = bool(lows & _REST) != bool(written & _REST) or bool(lows & _OTHERS) or said.kind == PERCENT
            rest = 1 - share if resting and said.kind != "times" else None
            if any(v is not None and _agree(times, v + 1 if v is grown else v) for v in (grown, rest)):
                return True
    if said.kind == RATIO and any(one.kind == PERCENT for one in pool):
        return False
    return any(
        _agree(times, one.value / other.value) or (changing and _agree(times, abs(one.value / other.value - 1)))
        for one in pool
        for other in pool
        if one is not other and other.value and one.kind == other.kind and one.kind not in {PERCENT}
    ) or _of_percents(said, times, pool)


def _of_percents(said: Quantity, times: Quantity, pool: Sequence[Quantity]) -> bool:
    """How many times one share is another."""
    shares = [one.value for one in pool if one.kind == PERCENT and one.value]
    return said.kind == "times" and any(
        _agree(times, one / other) for one in shares for other in shares if one != other
    )


def _agree(said: Quantity, value: float) -> bool:
    written = Quantity(0, 0, value, 0.0, value, Measure(RATIO))
    if said.step and not said.hedge:
        return abs(abs(said.value) - abs(value)) <= max(0.5 * said.step, 0.005)  # half of a percent
    return agrees(said, written)


def is_span_of_years(said: Quantity, dates: Sequence[Date]) -> bool:
    """Whether it is the time between the years of two dates, or their number."""
    named = sorted({(date.year, date.month or 0, date.day or 0) for date in dates if date.year is not None})
    unit = YEAR_SECONDS if said.kind == TIME else 1.0
    one = Quantity(0, 0, 0, unit, 0, said.measure)
    return any(
        near(said.value, gap * unit, said, one)
        for place, first in enumerate(named)
        for last in named[place + 1 :]
        # Who is born in August and dies in March has not had the last birthday.
        for gap in {last[0] - first[0] - bool(first[1] and last[1] and first[1:] > last[1:])}
    )


def counts(said: Quantity, written: Reading) -> bool:
    """Whether as many things are listed."""
    if not 1 < said.plain <= _LARGEST_COUNT:
        return False
    if said.plain == 2 and _TWO.search(written.text):  # both
        return True
    lengths = [found.group().count(",") + 1 for found in _LIST.finditer(written.text)]
    ends = [
        bool(re.search(r",\s[^,]*\s(?:and|or|und|oder)\s[^,]*$", found.group()))
        for found in _LIST.finditer(written.text)
    ]
    counts = {length + more for length, end in zip(lengths, ends, strict=True) for more in {0, int(end)}}
    weekdays = sum(date.weekday is not None for date in written.dates)
    return said.plain in counts | {weekdays}
