"""Whether the numbers and dates of a sentence stand in its span, or follow from those that do."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from llm.verification.agreement import agrees, comparable, near, stands
from llm.verification.arithmetic import APART, YEAR_SECONDS, counts, derived, is_span_of_years
from llm.verification.comparison import Comparison, Reason
from llm.verification.dates import Date, agree
from llm.verification.lexicon import word_set
from llm.verification.measures import MONEY, RATIO, TIME
from llm.verification.quantities import ORDINAL, OVER, UNDER, Quantity
from llm.verification.readings import Reading
from llm.verification.tables import rows

_NEAR_CHARACTERS = 25
_RESPECTIVELY = re.compile(r"\b(?:respectively|beziehungsweise|bzw)\b", re.IGNORECASE)
_LEAST_NEAR, _CLEARLY = 2, 2
_GAINS = word_set("gain gains gained profit profits income earned gewinn gewinne")
_LOSSES = word_set("loss losses lost negative expense verlust verluste verlor")
_DECADE = 10
_PER_DECADE = re.compile(r"\b(?:decade|jahrzehnt|dekade)", re.IGNORECASE)
_A_YEAR = re.compile(r"\b(?:a|one|the|ein|im) (?:\w+ )?(?:year|jahr)\b", re.IGNORECASE)
_FEW_NUMBERS, _SMALL = 14, 2
_THIRD_PARTY = re.compile(r"\s(?:part(?:y|ies)|persons?|world|partei(?:en)?)\b", re.IGNORECASE)
_TABLE_SCALE = re.compile(
    r"\b(?:in|teur|tausend|mio|mrd)\W{0,3}\$?\s?"
    r"(?P<scale>thousands?|millions?|billions?|tausend|mio|millionen|mrd|milliarden)\b",
    re.IGNORECASE,
)
_SCALE_SIZES = {"th": 1e3, "ta": 1e3, "mi": 1e6, "bi": 1e9, "mr": 1e9}


def wrong_figures(both: Comparison) -> Iterator[Reason]:
    """A reason for each number or date that the span neither has nor yields."""
    for said in both.said.quantities:
        reason = _wrong(said, both)
        if reason is not None:
            yield reason
    for date in both.said.dates:
        if not _dated(date, both):
            yield Reason.DATE
    if _misdated(both):
        yield Reason.DATE


def share_of_facts(both: Comparison) -> float:
    """Which share of a sentence's numbers and dates stands in the span itself; 0 for a sentence without any."""
    said = both.said
    facts = len(said.quantities) + len(said.dates)
    if not facts:
        return 0.0
    # The same digits with another unit are about the same as well.
    found = sum(
        max(
            (1.0 if stands(one, other) else 0.5 * (one.plain == other.plain) for other in both.written.quantities),
            default=0,
        )
        for one in said.quantities
    )
    found += sum(any(agree(date, other) for other in both.written.dates) for date in said.dates)
    return found / facts


def _wrong(said: Quantity, both: Comparison) -> Reason | None:
    written = both.written.quantities
    if said.kind == ORDINAL:
        return None if _is_known_ordinal(said, both) else Reason.NUMBER
    found = [one for one in written if stands(said, one) and _same_noun(said, one, both)]
    if found and _elsewhere(said, found, both):
        return Reason.NUMBER
    if found and not _other_unit(said, written):
        return Reason.DIRECTION if all(one.negative for one in found) and _told_as_gain(both.said) else None
    return None if _follows(said, both) else _why(said, written)


def _is_known_ordinal(said: Quantity, both: Comparison) -> bool:
    """The first of anything is rarely called so, nor is a third party counted."""
    if said.value == 1 or _THIRD_PARTY.match(both.said.text, said.end):
        return True
    if not any(one.kind == ORDINAL for one in both.written.quantities):
        return True
    return any(one.plain == said.value for one in (*both.written.quantities, *both.passage.quantities))


def _follows(said: Quantity, both: Comparison) -> bool:
    """Whether a number that the span has not follows from those it has."""
    if said.kind == "" and any(date.year == said.plain for date in both.written.dates):
        return True
    checks = (_in_table, _elliptic, _is_period, _from_passage)
    if derived(said, both.said, both.written) or any(check(said, both) for check in checks):
        return True
    return said.kind == "" and counts(said, both.written)


def _in_table(said: Quantity, both: Comparison) -> bool:
    """Whether a row has the number in the scale that the text above it names: `(in millions)`."""
    # Rows whose columns can be told are looked at by themselves.
    known = {row.start for row in rows(both.passage.text) if any(figure.when for figure in row.figures)}
    if not any(part.row and part.start not in known for part in both.span.parts) or said.kind not in {MONEY, ""}:
        return False
    scales = {_SCALE_SIZES[found["scale"][:2].lower()] for found in _TABLE_SCALE.finditer(both.passage.text)}
    return any(
        near(abs(said.value), abs(one.plain) * scale, said, replace(one, step=10.0 ** -_decimals(one) * scale))
        for one in both.written.quantities
        if one.kind in {MONEY, ""} and not one.scaled
        for scale in scales
    )


def _decimals(quantity: Quantity) -> int:
    return len(f"{quantity.plain:.10g}".partition(".")[2])


def _elliptic(said: Quantity, both: Comparison) -> bool:
    """`Of 19.7 million dollars, 17 were paid`: the scale and unit of another number hold for it."""
    if said.kind:
        return False
    told = [one for one in both.said.quantities if one.kind or one.scaled]
    return any(
        one.kind == other.kind and said.plain == one.value / _size(other) and {one.hedge, said.hedge} != {OVER, UNDER}
        for other in told
        for one in both.written.quantities
    )


def _size(quantity: Quantity) -> float:
    """What one is worth of what a number counts in: a million, a dollar."""
    scale = 10.0 ** (3 * int(math.log10(quantity.plain) // 3)) if quantity.scaled and quantity.plain >= 1 else 1.0
    return scale * quantity.measure.size


def _from_passage(said: Quantity, both: Comparison) -> bool:
    """Whether it stands elsewhere in the passage or follows from two numbers of it.

    Only where the passage has so few numbers that none fits by chance.
    """
    passage = both.passage
    if len(passage.quantities) > _FEW_NUMBERS or any(part.row for part in both.span.parts):
        return False
    if any(stands(said, one) and said.kind == one.kind for one in passage.quantities):
        return True
    return derived(said, both.said, passage) or (said.plain > _SMALL and _by_arithmetic(said, passage.quantities))


def _by_arithmetic(said: Quantity, pool: Sequence[Quantity]) -> bool:
    """Whether it is the sum or difference of two numbers that measure the same, or of one and one without a unit."""
    fitting = [one for one in pool if one.kind in {said.kind, ""}]
    return any(
        near(abs(said.value), abs(value), said, replace(one, step=max(one.step, other.step)))
        for place, one in enumerate(fitting)
        for other in fitting[place + 1 :]
        if said.kind in {one.kind, other.kind}
        for value in (_in_units(one, said) + _in_units(other, said), _in_units(one, said) - _in_units(other, said))
    )


def _in_units(one: Quantity, said: Quantity) -> float:
    """The value of a number, one without a unit taken to have that of the sentence's number."""
    return one.value if one.kind else one.value * said.measure.size


def _same_noun(said: Quantity, written: Quantity, both: Comparison) -> bool:
    """Whether a bare number counts nothing else than what has a unit in the other text: no `80 eggs` for 80 years."""
    if said.kind == written.kind or "" not in {said.kind, written.kind}:
        return True
    bare, text, other = (written, both.written, both.said) if not written.kind else (said, both.said, both.written)
    following = next((word for word in text.words if word.start >= bare.end), None)
    counted = following is not None and following.content and following.start - bare.end <= 1
    return not counted or following is None or following.key in other.keys


def _elsewhere(said: Quantity, found: Sequence[Quantity], both: Comparison) -> bool:
    """Whether another number stands where the rest of the clause stands, and this one with something else."""
    segment = {
        word.segment for word in both.said.words if word.start <= said.start < word.end or word.start == said.start
    }
    near = [
        there for word in both.said.content if word.segment in segment and (there := both.partner(word)) is not None
    ]
    if len(near) < _LEAST_NEAR:
        return False

    def affinity(one: Quantity) -> int:
        clauses = {word.clause for word in both.written.words if word.end > one.start and word.start < one.end}
        return sum(word.clause in clauses for word in near)

    if not said.kind:
        return False
    rivals = [
        one for one in both.written.quantities if one not in found and comparable(said, one) and one.kind != ORDINAL
    ]
    if not rivals:
        return False
    most, own = max(map(affinity, rivals)), max(map(affinity, found))
    return own <= 1 and most >= own + _CLEARLY and 2 * most >= len(near)  # most of the clause


def _other_unit(said: Quantity, written: Sequence[Quantity]) -> bool:
    """Whether a bare number is all that agrees, while the same number has another unit of the kind: months, years."""
    if not said.kind or any(agrees(said, one) for one in written):
        return False
    return any(one.kind == said.kind and one.plain == said.plain for one in written)


def _told_as_gain(said: Reading) -> bool:
    return bool(said.lows & _GAINS) and not said.lows & _LOSSES


def _is_period(said: Quantity, both: Comparison) -> bool:
    """Whether it is the time between two dates of the passage, or named by a word: `per decade`."""
    if said.kind != TIME:
        return False
    if round(said.value / YEAR_SECONDS) == _DECADE and _PER_DECADE.search(both.written.text):
        return True
    return bool(both.said.lows & APART) and is_span_of_years(said, (*both.written.dates, *both.passage.dates))


def _why(said: Quantity, written: Sequence[Quantity]) -> Reason:
    for one in written:
        same_digits = _digits(said) == _digits(one)
        if same_digits and not comparable(said, one):
            return Reason.UNIT
        if same_digits and said.measure.kind == one.measure.kind and said.measure.size != one.measure.size:
            return Reason.UNIT
        if same_digits:
            return Reason.SCALE
    return Reason.NUMBER


def _digits(quantity: Quantity) -> str:
    return f"{quantity.plain:.10g}".replace(".", "").strip("0")


def _dated(date: Date, both: Comparison) -> bool:
    dates = both.written.dates
    if date.century and any(one.kind == ORDINAL and one.value == date.century for one in both.written.quantities):
        return True
    if any(agree(date, other) for other in dates):
        return True
    if date.year is not None and not date.month and any(one.plain == date.year for one in both.written.quantities):
        return True
    if date.is_year and (_shifted(date, both.written) or _shifted(date, both.passage)):
        return True
    of_its_kind = [other for other in dates if _kind(other) & _kind(date)]
    if of_its_kind:
        # `on 3 May` in minutes of 2023
        return _together(date, dates) or _together(date, (*dates, *both.passage.dates))
    return any(agree(date, other) for other in (*both.passage.dates, *both.around.dates))


def _misdated(both: Comparison) -> bool:
    """Whether a number stands with a date that in the span belongs to another number, and its own is another date."""
    written = _pairs(both.written)
    for said, date in _pairs(both.said):
        mine = [when for one, when in written if stands(said, one)]
        theirs = [one for one, when in written if agree(date, when) and comparable(said, one)]
        if (
            mine
            and theirs
            and not any(agree(date, when) for when in mine)
            and not any(stands(said, one) for one in theirs)
        ):
            return True
    return False


def _pairs(text: Reading) -> list[tuple[Quantity, Date]]:
    """Each number with the date that belongs to it: in lists by their order, else the nearest of its sentence."""
    named = [date for date in text.dates if date.year is not None]
    counted = [one for one in text.quantities if one.kind not in {TIME, ORDINAL, RATIO, "times"}]
    if not named or not counted:
        return []
    listed = _listed(named, counted)
    if listed or _RESPECTIVELY.search(text.text):
        return listed
    found = []
    for one in counted:
        date = min(named, key=lambda when: max(when.start - one.end, one.start - when.end))
        between = text.text[min(one.end, date.end) : max(one.start, date.start)]
        if ". " not in between and len(between) < _NEAR_CHARACTERS:
            found.append((one, date))
    return found


def _listed(named: Sequence[Date], counted: Sequence[Quantity]) -> list[tuple[Quantity, Date]]:
    """Runs of as many numbers as dates: `5 and 3 in 2020 and 2019`, `7 in 2021, against 5 and 3 in 2020 and 2019`."""
    both: list[Date | Quantity] = [*named, *counted]
    ordered = sorted(both, key=lambda one: one.start)
    runs: list[list[Date | Quantity]] = []
    for one in ordered:
        if runs and type(runs[-1][0]) is type(one):
            runs[-1].append(one)
        else:
            runs.append([one])
    if len(runs) == 2 and len(runs[0]) == len(runs[1]) > 1:  # one run of each
        return _zipped(runs[0], runs[1])
    if len(runs) == 3 and len(runs[0]) + len(runs[2]) == len(runs[1]) > 1:  # dates on both sides
        return [*_zipped(runs[0], runs[1][: len(runs[0])]), *_zipped(runs[2], runs[1][len(runs[0]) :])]
    return []


def _zipped(some: Sequence[Date | Quantity], others: Sequence[Date | Quantity]) -> list[tuple[Quantity, Date]]:
    found = []
    for one, other in zip(some, others, strict=True):
        if isinstance(one, Quantity) and isinstance(other, Date):
            found.append((one, other))
        elif isinstance(one, Date) and isinstance(other, Quantity):
            found.append((other, one))
    return found


def values_of_years(text: Reading) -> dict[int, Quantity]:
    """For each year of a text the number that belongs to it, where all measure the same; else nothing."""
    pairs = _pairs(text)
    if len({one.kind for one, _ in pairs}) != 1 or len({date.year for _, date in pairs}) < 2:  # to compare
        return {}
    return {date.year: one for one, date in pairs if date.year is not None}


def _kind(date: Date) -> set[str]:
    """Which parts a date has."""
    parts = {"year": date.year, "month": date.month, "weekday": date.weekday, "quarter": date.quarter}
    if date.century:
        return {"year"}
    named = {name for name, value in parts.items() if value is not None}
    return {"month"} if {"year", "month"} <= named else named


def _together(date: Date, dates: Sequence[Date]) -> bool:
    """Whether the parts stand apart: `January 28 and 30, 2023`."""
    if date.year is None or not (date.month or date.quarter):
        return False
    whole = any(other.year == date.year for other in dates)
    part = any(
        (other.month, other.day) == (date.month, date.day) and other.quarter == date.quarter and other.year is None
        for other in dates
    )
    return whole and part


def _shifted(date: Date, written: Reading) -> bool:
    """`a year after 1821`, `for nine years` from 1899 on."""
    if date.year is None:
        return False
    gaps = {round(one.value / YEAR_SECONDS) for one in written.quantities if one.kind == TIME}
    gaps |= {1} if _A_YEAR.search(written.text) else set()
    return any(abs(other.year - date.year) in gaps - {0} for other in written.dates if other.year is not None)
