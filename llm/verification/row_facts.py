"""A sentence against a row of a table: its figures in the columns that the sentence names, and which way they went."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from llm.verification.agreement import agrees, near
from llm.verification.alignment import alike
from llm.verification.comparison import Reason
from llm.verification.dates import Date, agree
from llm.verification.lexicon import word_set
from llm.verification.logic import directions
from llm.verification.measures import MONEY, PERCENT, RATIO, TIME, Measure, currency, measured
from llm.verification.quantities import ORDINAL, Quantity
from llm.verification.readings import Reading, is_negation, read
from llm.verification.tables import Figure, Row, rows

_SURE = 0.9
_TOTAL = re.compile(r"\b(?:total|consolidated|worldwide|overall|gesamt\w*|summe|insgesamt)\b", re.IGNORECASE)
_MOST_ROWS = 4
_MOST_PAIRED = 4
_MONTHS = 365.25 / 12 * 86400
_DIFFERENCE = word_set(
    "than by difference more less fewer higher lower rose fell increased decreased increase decrease grew "
    "shrank dropped down up "
    "below above exceeded gained lost another reduced declined smaller larger mehr weniger um höher "
    "niedriger gestiegen gesunken"
)
_RATIO = word_set("of share half part proportion made accounted percent times twice doubled tripled von anteil")
_WORSE = re.compile(r"\b(?:loss|losses|lost|deficit|verlust\w*|verlor)\b", re.IGNORECASE)
_BETTER = re.compile(r"\b(?:gains?|gained|profits?|gewinn\w*)\b", re.IGNORECASE)
_SCALES = (1.0, 1e3, 1e6, 1e9)
_PERCENT_STEP = 0.6
_BY_CHANCE = 20  # below this plain numbers differ by so much by chance
_HEADED = 0.6
_PERCENT_WORD = re.compile(r"%|percent|per cent|prozent", re.IGNORECASE)
_UNIT_WORD = re.compile(r"(?:(?<=[\s(/])|^)(?=[^\W\d]|°)")
_SHARES = word_set("share percentage percent margin rate proportion anteil marge quote prozent growth")
_MAIN = frozenset({"USD", "EUR", "GBP", "JPY", "CNY", "CHF", "INR"})
_COMPARED = re.compile(
    r"\b(?:compared (?:with|to)|than (?:in|at|for)|relative to|against|verglichen mit|gegenüber)\b", re.IGNORECASE
)


def best_rows(said: Reading, passage: str) -> list[tuple[float, Row]]:
    """The rows of a passage whose labels fit a sentence best, with how much of their label it has; the best first."""
    scored = [(*_fit(said, row), row) for row in rows(passage)]
    named = sorted((one for one in scored if one[0] >= 0.5), key=lambda one: (-one[1], one[2].start))  # half
    if not named:
        return []
    best = named[0][1]
    return [(fit, row) for fit, score, row in named if score >= best - 0.08][:_MOST_ROWS]  # nearly as good


def _fit(said: Reading, row: Row) -> tuple[float, float]:
    label = list(row.label.content)
    if not label:
        # A row without a label is told by its column or its date alone.
        if row.date is None:
            headed = any(figure.when and _agree(date, figure.when) for date in said.dates for figure in row.figures)
            return (_HEADED, _HEADED) if headed else (0.0, 0.0)
        return (_HEADED, 1.0) if _names(said, row.date) else (0.0, 0.0)
    own = sum(any(alike(word, other) >= _SURE for other in said.words) for word in label) / len(label)
    pool = [*label, *row.above.content]
    told = list(said.content)
    covered = sum(any(alike(word, other) >= _SURE for other in pool) for word in told) / max(1, len(told))
    dated = 0.3 * _names(said, row.date) if row.date is not None else 0.0
    if row.date is not None and not dated:
        return 0.0, 0.0
    # Rows of shares have the labels of those with amounts.
    shares = all(figure.percent for figure in row.figures)
    told_shares = any(one.kind in {PERCENT, RATIO} for one in said.quantities) or bool(said.lows & _SHARES)
    other = 0.0 if shares == told_shares or not shares else 0.3
    return max(own, dated * 2), own + 0.5 * covered + dated - other


def _names(said: Reading, date: Date) -> bool:
    return any(agree(one, date) for one in said.dates)


def wrong_row(said: Reading, row: Row, passage: str) -> Iterator[Reason]:
    """Reasons against a sentence that is about a row; none where the row bears it out."""
    named = [date for date in said.dates if date.weekday is None]
    for date in named:
        if not _known(date, row, passage):
            yield Reason.DATE
    written = currency(row.sign) if row.sign else None
    for quantity in said.quantities:
        code = quantity.measure.code
        if written is not None and code and code != written.code and code in _MAIN:
            yield Reason.UNIT
            continue
        if quantity.kind == ORDINAL or (quantity.kind == TIME and _is_period(quantity)):
            continue
        reason = _wrong(quantity, said, row, passage)
        if reason is not None:
            yield reason
    yield from _wrong_way(said, row)


def _is_period(quantity: Quantity) -> bool:
    return round(quantity.value / _MONTHS) in {3, 6, 9, 12}


def _known(date: Date, row: Row, passage: str) -> bool:
    columns = [figure.when for figure in row.figures if figure.when is not None]
    if row.date is not None and agree(date, row.date):
        return True
    if columns and all(column.year is not None for column in columns):
        return any(_agree(date, column) for column in columns)
    return any(_agree(date, other) for other in read(passage).dates)


def _agree(date: Date, column: Date) -> bool:
    if date.quarter is not None and column.quarter is None and column.month is None:
        return date.year is None or date.year == column.year
    if column.quarter is None and column.month is not None and date.quarter is None:
        # Days of closing vary, and a year may be meant by its end.
        return (date.year is None or date.year == column.year) and date.month in {None, column.month}
    return agree(date, column)


def _columns(said: Reading, quantity: Quantity, row: Row) -> tuple[list[Figure], list[Figure]]:
    """The figures of a row that a number may be: those of its own date, and those that have no date."""
    undated = [figure for figure in row.figures if figure.when is None]
    dated = [figure for figure in row.figures if figure.when is not None]
    date = _date_of(said, quantity)
    lasting = _lasting(said)
    fitting = [
        figure
        for figure in dated
        if figure.when is not None
        and (date is None or _agree(date, figure.when))
        and (lasting is None or figure.months in {None, lasting})
    ]
    if date is not None and date.is_year and lasting is None and any(figure.months == 12 for figure in fitting):
        fitting = [figure for figure in fitting if figure.months == 12]  # a whole year
    return fitting, undated


def _lasting(said: Reading) -> int | None:
    spans = [round(one.value / _MONTHS) for one in said.quantities if one.kind == TIME]
    found = next((months for months in spans if months in {3, 6, 9, 12}), None)
    quarters = any(date.quarter is not None for date in said.dates)
    return found if found is not None else (3 if quarters else None)


def _date_of(said: Reading, quantity: Quantity) -> Date | None:
    """The date that belongs to a number: as many numbers as dates go in pairs, else the nearest."""
    named = [date for date in said.dates if date.weekday is None]
    others = [one for one in said.quantities if one.kind in {quantity.kind, ""} and one.kind != TIME]
    if not named:
        return None
    apart = [named[0].start > others[-1].end, named[-1].end < others[0].start] if others else [False]
    if len(named) == len(others) > 1 and any(apart):
        return named[others.index(quantity)]
    return min(named, key=lambda date: min(abs(date.start - quantity.end), abs(quantity.start - date.end)))


def _wrong(quantity: Quantity, said: Reading, row: Row, passage: str) -> Reason | None:
    fitting, undated = _columns(said, quantity, row)
    found = [figure for figure in (*fitting, *undated) if _is(quantity, figure, row)]
    if found:
        return Reason.DIRECTION if all(figure in undated and _against(said, row, figure) for figure in found) else None
    if (said.lows & _DIFFERENCE or quantity.plain >= _BY_CHANCE) and _is_difference(quantity, said, row):
        return None
    if quantity.kind in {PERCENT, RATIO, "times"} and _is_share(quantity, said, row, passage):
        return None
    if any(_is(quantity, figure, row) for figure in row.figures):
        return Reason.DATE
    if any(
        figure.value and f"{abs(figure.value):.10g}".strip("0") == f"{quantity.plain:.10g}".strip("0")
        for figure in fitting
    ):
        return Reason.SCALE
    return Reason.NUMBER


def _against(said: Reading, row: Row, figure: Figure) -> bool:
    """Whether a figure of a change has the other sign than the words that tell it."""
    signs = _signs(said, row)
    return len(signs) == 1 and figure.value * next(iter(signs)) < 0 and len(row.figures) > 1


def _is(quantity: Quantity, figure: Figure, row: Row) -> bool:
    if quantity.kind in {PERCENT, RATIO}:
        shares = figure.percent or bool(_PERCENT_WORD.search(f"{row.label.text} {row.above.text}"))
        return shares and agrees(quantity, _quantity(figure.value, figure, Measure(PERCENT)))
    if figure.percent:
        return False
    if quantity.kind not in {MONEY, ""}:
        return _is_measured(quantity, figure, row)
    return any(
        agrees(quantity, _quantity(value, figure, quantity.measure, scale))
        for scale in _scales(quantity, row)
        for value in {abs(figure.value) * scale}
    )


def _is_measured(quantity: Quantity, figure: Figure, row: Row) -> bool:
    """Whether a figure is so many metres or hours: in the unit of the sentence, or in one that its table names."""
    sizes = {quantity.measure.size}
    for text in (row.label.text, row.above.text):
        for found in _UNIT_WORD.finditer(text.lower()):
            unit = measured(text.lower(), found.start())
            if unit is not None and unit[0].kind == quantity.kind:
                sizes.add(unit[0].size)
    return any(
        near(
            abs(quantity.value),
            abs(figure.value) * scale * size,
            quantity,
            _quantity(figure.value * scale * size, figure, quantity.measure, scale * size),
        )
        for size in sizes
        for scale in {row.scale or 1.0, 1.0}
    )


def _scales(quantity: Quantity, row: Row) -> Sequence[float]:
    if row.scale is None:
        return _SCALES
    plain = quantity.kind == "" and not quantity.scaled
    return (row.scale, 1.0) if plain and row.scale != 1 else (row.scale,)


def _quantity(value: float, figure: Figure, measure: Measure, scale: float = 1.0) -> Quantity:
    step = 10.0**-figure.decimals * scale
    return Quantity(0, 0, abs(value), step, abs(figure.value), replace(measure, size=1.0))


def _pairs(said: Reading, row: Row) -> Iterator[tuple[Figure, Figure]]:
    """Two columns that a sentence compares: the earlier and the later one that it names, or the one before."""
    dated = [figure for figure in row.figures if figure.when is not None and figure.when.year is not None]
    lasting = _lasting(said)
    if lasting is not None:
        dated = [figure for figure in dated if figure.months in {None, lasting}]
    named = [date for date in said.dates if date.weekday is None]
    chosen = [figure for figure in dated if any(figure.when and _agree(date, figure.when) for date in named)]
    years = sorted({figure.when.year or 0 for figure in chosen if figure.when})
    if len(years) > 1:
        # Several columns may have the same year: the amounts, and their shares.
        first, last = years[0], years[-1]
        base = [figure for figure in chosen if figure.when and figure.when.year == first]
        later = [figure for figure in chosen if figure.when and figure.when.year == last]
        yield from zip(base, later, strict=False)
    elif chosen and _is_base(said, named):
        for earlier in chosen:
            after = [f for f in dated if _time(f) > _time(earlier) and f.months == earlier.months]
            yield from ((earlier, other) for other in sorted(after, key=_time)[:1])
    elif chosen:
        for one in chosen:
            before = [f for f in dated if _time(f) < _time(one) and f.months == one.months]
            yield from ((other, one) for other in sorted(before, key=_time)[-1:])
    elif not named and len(dated) > 1:
        ordered = sorted(dated, key=_time)
        yield ordered[-2], ordered[-1]


def _undated_pairs(row: Row) -> Iterator[tuple[Figure, Figure]]:
    """Any two of a few columns that are headed by no time: what one plan pays more than another."""
    if len(row.figures) <= _MOST_PAIRED and all(figure.when is None for figure in row.figures):
        yield from combinations(row.figures, 2)


def _is_base(said: Reading, named: Sequence[Date]) -> bool:
    """Whether the one date of a sentence is what another is compared with."""
    found = _COMPARED.search(said.text)
    return found is not None and len(named) == 1 and 0 <= named[0].start - found.end() < 40  # near


def _time(figure: Figure) -> tuple[int, int, int]:
    when = figure.when
    return (0, 0, 0) if when is None else (when.year or 0, when.quarter or 0, when.month or 0)


def _is_difference(quantity: Quantity, said: Reading, row: Row) -> bool:
    for earlier, later in (*_pairs(said, row), *_undated_pairs(row)):
        gap = abs(later.value - earlier.value)
        if quantity.kind in {PERCENT, RATIO, "times"}:
            changes = [gap] if later.percent else []
            changes += [100 * gap / abs(earlier.value)] if earlier.value and not later.percent else []
            if any(_near_percent(quantity, change) for change in changes):
                return True
            continue
        for scale in _scales(quantity, row):
            one = _quantity(gap * scale, later, quantity.measure, scale)
            if near(quantity.value, gap * scale, quantity, one):
                return True
    return False


def _near_percent(quantity: Quantity, change: float) -> bool:
    value = quantity.value if quantity.kind == PERCENT else quantity.value * 100
    if quantity.kind == PERCENT and not quantity.hedge:
        return abs(value - change) <= _PERCENT_STEP * max(quantity.step, 0.1)
    return agrees(quantity, Quantity(0, 0, change, 0.1, change, Measure(PERCENT)))


def _is_share(quantity: Quantity, said: Reading, row: Row, passage: str) -> bool:
    times = replace(quantity, measure=Measure(RATIO))
    if quantity.kind == PERCENT:
        times = replace(times, value=quantity.value / 100, step=quantity.step / 100)
    if quantity.kind == "times":
        pairs = [(later.value, earlier.value) for earlier, later in _pairs(said, row)]
        return any(low and agrees(times, _ratio(high / low)) for high, low in pairs)
    if not said.lows & _RATIO:
        return False
    if directions(said).get("amount"):
        return False
    for other in rows(passage):
        if other.start == row.start or other.scale != row.scale or not _is_whole(other, said):
            continue
        for mine, theirs in zip(row.figures, other.figures, strict=False):
            fitting = mine.when is None or not said.dates or any(_agree(date, mine.when) for date in said.dates)
            if fitting and theirs.value and not mine.percent and _close(times, mine.value / theirs.value):
                return True
    return False


def _is_whole(other: Row, said: Reading) -> bool:
    """Whether a row may be what a share is taken of: a total, or something that the sentence names."""
    return bool(_TOTAL.search(other.label.text)) or any(word.key in said.keys for word in other.label.content)


def _close(times: Quantity, value: float) -> bool:
    if times.step and not times.hedge:
        return abs(times.value - value) <= 0.5 * times.step + 1e-9
    return agrees(times, _ratio(value))


def _ratio(value: float) -> Quantity:
    return Quantity(0, 0, value, 0.0, value, Measure(RATIO))


def _wrong_way(said: Reading, row: Row) -> Iterator[Reason]:
    """Whether figures went the other way than is said, or are losses where gains are told."""
    signs = _signs(said, row)
    negated = any(is_negation(word) for word in said.words)
    pairs = [(one, other) for one, other in _pairs(said, row) if not other.percent]
    if len(signs) == 1 and pairs and not negated:
        way = next(iter(signs)) * _order(said)
        moves = [abs(later.value) - abs(earlier.value) for earlier, later in pairs]
        if all(move * way < 0 or move == 0 for move in moves):
            yield Reason.DIRECTION
    figures = [
        figure
        for figure in row.figures
        if figure.when is None or not said.dates or any(_agree(d, figure.when) for d in said.dates)
    ]
    values = [figure.value for figure in figures if not figure.percent]
    if not values or (
        not re.search(r"\(", " ".join((row.label.text, row.above.text))) and min(f.value for f in row.figures) >= 0
    ):
        return
    worse, better = _WORSE.search(_unlabelled(said, row)), _BETTER.search(_unlabelled(said, row))
    if worse and not better and all(value > 0 for value in values):
        yield Reason.DIRECTION
    if better and not worse and all(value < 0 for value in values):
        yield Reason.DIRECTION


def _signs(said: Reading, row: Row) -> set[int]:
    """Which ways the words of a sentence point that are neither part of the row's label nor of `more than five`."""
    own = {word.low for word in row.label.words}
    return {sign for word, sign in directions(said).get("amount", {}).items() if word.low not in own}


def _unlabelled(said: Reading, row: Row) -> str:
    return " ".join(word.text for word in said.words if word.low not in {other.low for other in row.label.words})


def _order(said: Reading) -> int:
    """1 where the later date is what is said to be more or less; -1 where the earlier one is compared with it."""
    named = [date for date in said.dates if date.year is not None]
    if len({date.year for date in named}) != 2:  # two are compared
        return 1
    first, last = named[0], named[-1]
    than = next(
        (
            found
            for found in re.finditer(r"\b(?:than|als|compared (?:with|to)|relative to)\b", said.text, re.IGNORECASE)
            if not any(0 <= one.start - found.end() <= 3 for one in said.quantities)  # the next word
        ),
        None,
    )
    if than is None:
        return 1
    if than.end() <= first.start:
        # `Compared with 2017, less was spent in 2018.`
        return 1
    subject, other = (first, last) if first.end <= than.start() else (last, first)
    return 1 if (subject.year or 0) > (other.year or 0) else -1
