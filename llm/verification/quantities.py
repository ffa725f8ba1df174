"""Numbers as a text gives them, in digits or words, with unit, scale and hedge; and when two of them agree.

Dates are read elsewhere; their digits are no quantities.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from llm.verification import number_words as words
from llm.verification.dates import dates
from llm.verification.measures import PERCENT, PLAIN, RATIO, TIME, Measure, currency, measured

ABOUT, OVER, UNDER, NEARLY = "about", "over", "under", "nearly"
ORDINAL = "ordinal"
_TOKEN = re.compile(r"\d[\d.,]*\d|\d|[^\W\d_]+|[½¼¾⅓⅔]|\S")
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_SIGNS = frozenset("$€£¥₹")
_HEDGES = (
    (NEARLY, r"nearly|almost|close to|just under|a little under|a little less than|just short of|fast|beinahe|"
        r"knapp|annähernd|nahezu|kaum"),
    (UNDER, r"(?<!no )(?:less|fewer|smaller|younger|shorter|lower) than|(?:kleiner|jünger|kürzer|niedriger) als|"
        r"under|below|at most|not even|(?<!nicht )weniger als|(?<!nicht )unter|höchstens|maximal|keine|unterhalb von|"
        r"(?:no|not) (?:more|greater|larger|higher|longer|later) than|not exceed(?:ing)?|not (?:over|above)|"
        r"nicht (?:mehr|größer|höher|länger|später|weiter) als|nicht über"),
    (OVER, r"(?:a little |slightly |well |just )?(?:(?:more|greater|larger|bigger|higher|older|longer) than|over|"
        r"above|in excess of|upwards of)|(?:no|not) (?:less|fewer|lower|smaller) than|nicht weniger als|at least|"
        r"not (?:under|below)|nicht unter|wenigstens|"
        r"passed(?: the mark of)?|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|topp(?:ed|ing)|überst(?:eigt|ieg)|"
        r"übertr(?:ifft|af)|(?:größer|älter|höher|länger) als|mehr als|über|mindestens|gut|etwas mehr als"),
    (ABOUT, r"about|around|roughly|approximately|some|approx\.?|circa|ca\.?|or so|etwa|rund|ungefähr|zirka|um die|"
        r"an estimated|estimated|somewhere near"),
)  # fmt: skip
_HEDGE = re.compile(
    "(?:"
    + "|".join(rf"(?P<{name}>\b(?:{pattern}))" for name, pattern in _HEDGES)
    + r")\s+(?:the |der |die |den |a |an |as much as )?$"
)
_HEDGE_AFTER = re.compile(r"\s(?:(?P<over>or more|oder mehr|and more)|(?P<about>or so|oder so))\b")
_ADJECTIVE = re.compile(
    r"\s(?P<name>us|u\.s\.|american|australian|canadian|japanese|chinese|swiss)(?=\s(?:dollar|yen|yuan|franc))"
)
_CODES = {"australian": "AUD", "canadian": "CAD"}
_ONE_IN = re.compile(r"(?:\s[^\W\d_]+){0,2}?\s(?:in|out of|von|aus)\s(?:every\s|each\s|je\s)?$")
_OF_A = re.compile(r"\s(?:of\s)?an?(?=\s)")
_JOINED = re.compile(
    r"\s?(?:to|and|or|auf|of(?: the| its| a total of)?|von(?: den| insgesamt)?|bis|und|oder|[–-])\s?[$€£¥]?\s?",
    re.IGNORECASE,
)
_FOLD = re.compile(r"\s?-?(?:times|fold|mal|fach(?:e[nsm]?)?)\b(?!\s(?:a|per|each|every|im|pro)\s)")
_COMPARING = re.compile(r"\s(?:as|more|less|fewer|larger|higher|greater|bigger|smaller|faster|the|that|what)\b")
_OF_SCALE = re.compile(r"\s(?:of\s)?(?:an?\s|einer\s)?(?=[^\W\d])")
_ONE_UNIT = re.compile(
    r"\s(?:decade|century|fortnight|jahrzehnt|jahrhundert|(?:hour|minute|day|week|month|year|stunde|woche)\s(?:and|und)\s)"
)
_THEN = re.compile(r"\s?,?\s?(?:and|und|,)?\s", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:jede[rsnm]?|every)\s$")
_NOT_ALONE = frozenset({"one", "eins", "null"})
_GERMAN_DIGITS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?")
_ENGLISH_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_ALONE = frozenset({"a", "an", "ein", "eine", "einem", "einer", "einen", "one"})
_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_BEFORE = 30
_HUNDRED = 100
_HALF = 0.5
_MOST_FOLD = 20


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at `start:end` of a text. `value` is in base units of its measure, with its scale.

    `step` is what its last printed digit is worth; `plain` the value as printed, without scale and unit; a
    `negative` one stands in brackets as statements print it.
    """

    start: int
    end: int
    value: float
    step: float
    plain: float
    measure: Measure = PLAIN
    hedge: str = ""
    scaled: bool = False
    negative: bool = False

    @property
    def kind(self) -> str:
        """What is measured; empty for a plain number."""
        return self.measure.kind


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str


@lru_cache(4096)
def quantities(text: str, *, german: bool) -> tuple[Quantity, ...]:
    """The quantities of a text in their order; with `german`, points group digits and a comma begins the decimals."""
    return _sharing(text, list(_Reader(text, german=german).read()))


def _sharing(text: str, found: list[Quantity]) -> tuple[Quantity, ...]:
    """`from 3 to 5 million dollars`, `47 of the 175 million`: the unit and scale stand once, with the last number."""
    for place in range(len(found) - 2, -1, -1):
        one, other = found[place], found[place + 1]
        if one.kind or one.scaled or not _JOINED.fullmatch(text, one.end, other.start):
            continue
        if other.kind in {ORDINAL, RATIO, "times"}:
            continue
        size = _scale_of(text[other.start : other.end]) * other.measure.size if other.scaled else other.measure.size
        found[place] = replace(
            one, value=one.value * size, step=one.step * size, measure=other.measure, scaled=other.scaled
        )
    return tuple(_durations(text, found))


def _scale_of(printed: str) -> float:
    """What the words after a number multiply it with: a million times in `5 million dollars`."""
    found = (words.SCALES.get(word) for word in re.findall(r"[^\W\d_]+", printed.lower()))
    return math.prod(float(scale) for scale in found if scale is not None)


def _durations(text: str, found: Sequence[Quantity]) -> Iterator[Quantity]:
    """`an hour and ten minutes`, `3 h 10 min`, `an hour and a half`: one quantity."""
    before: Quantity | None = None
    for one in found:
        if before is not None:
            more = _more_time(before, one) if _THEN.fullmatch(text, before.end, one.start) else None
            if more is not None:
                before = replace(before, end=one.end, value=before.value + more, step=more)
                continue
            yield before
        before = one
    if before is not None:
        yield before


def _more_time(before: Quantity, one: Quantity) -> float | None:
    """How many seconds a number adds to a time that it follows: in a smaller unit, or half of the same one."""
    if before.kind != TIME or before.measure.per:
        return None
    if one.kind == TIME and before.measure.size > one.measure.size:
        return one.value
    return before.measure.size / 2 if one.kind == RATIO and one.value == _HALF else None


class _Reader:
    def __init__(self, text: str, *, german: bool) -> None:
        self._text = text
        self._low = text.lower() if len(text.lower()) == len(text) else text
        self._german = german
        taken = [(date.start, date.end) for date in dates(text)]
        tokens = (_Token(at.start(), at.end(), self._low[at.start() : at.end()]) for at in _TOKEN.finditer(text))
        self._tokens = [t for t in tokens if not any(start < t.end and t.start < end for start, end in taken)]
        self._place = 0
        self._start = 0

    def read(self) -> Iterator[Quantity]:
        while self._place < len(self._tokens):
            before = self._place
            found = self._fraction() or self._number() or self._times() or self._ordinal()
            if found is not None:
                yield found
            self._place = max(self._place, before + 1)
            while found is not None and self._place < len(self._tokens) and self._tokens[self._place].start < found.end:
                self._place += 1

    def _at(self, place: int) -> str:
        return self._tokens[place].text if place < len(self._tokens) else ""

    def _number(self) -> Quantity | None:
        start = self._place
        read = self._value(start) or self._single(start)
        if read is None:
            return None
        value, step, after, scaled = read
        if self._at(after) == ")" and start and self._at(start - 1) == "(" and len(self._at(after + 1)) > 1:
            # `$(12) million`
            value, step, after, scaled = (
                self._scale(value, step, after + 1)
                if self._at(after + 1) in words.SCALES
                else (value, step, after, scaled)
            )
        share = self._share(start, after, value) or self._fold(start, after, value)
        if share is not None:
            return share
        first, last = self._tokens[start], self._tokens[after - 1]
        word = first.text
        # `One` is a pronoun more often than a number.
        alone = after == start + 1 and word in _NOT_ALONE | _ALONE
        if alone and measured(self._low, last.end) is None:
            return None
        self._place = after
        measure, end = self._measure(first, last)
        return self._made(first.start, end, value, step, measure, scaled=scaled)

    def _made(
        self, start: int, end: int, value: float, step: float, measure: Measure, *, scaled: bool = False
    ) -> Quantity:
        negative = self._text[start - 2 : start] == "$(" or self._text[start - 3 : start] == "$ ("
        hedge = self._hedge(start, end)
        return Quantity(start, end, value * measure.size, step * measure.size, value, measure, hedge, scaled, negative)

    def _value(self, place: int) -> tuple[float, float, int, bool] | None:
        """The number that begins at a token: its value, its last digit's worth, the token after it, if it is scaled."""
        token = self._tokens[place]
        if token.text[0].isdigit():
            if self._at(place + 1) in _ENDINGS and self._tokens[place + 1].start == token.end:
                return None
            after = self._text[token.end : token.end + 2]
            if self._text[max(0, token.start - 1) : token.start].isalpha():
                return None  # a name, such as S200
            if after[:1].isupper() and after[:1] not in "KCF" and not after[1:].isalpha() and not self._has_sign(token):
                return None  # a name, such as 3M or 2A
            read = self._digits(token.text)
            if read is None:
                return None
            value, step = read
            place += 1
            if self._at(place) in _GLYPHS and self._tokens[place].start == token.end:
                value, step, place = value + _GLYPHS[self._at(place)], 0.25, place + 1
            return self._scale(value, step, place)
        return self._spelled(place)

    def _single(self, place: int) -> tuple[float, float, int, bool] | None:
        """`a decade`, `an hour and a half`."""
        token = self._tokens[place]
        if token.text in _ALONE and _ONE_UNIT.match(self._low, token.end):
            return 1.0, 1.0, place + 1, False
        return None

    def _scale(self, value: float, step: float, place: int) -> tuple[float, float, int, bool]:
        scaled = False
        while (scale := words.SCALES.get(self._at(place))) is not None:
            word, token = self._at(place), self._tokens[place]
            touching = place > 0 and self._tokens[place - 1].end == token.start
            if len(word) == 1 and not touching:
                break
            value, step, place, scaled = value * scale, step * scale, place + 1, True
        if self._at(place) == "." and scaled and self._low[self._tokens[place - 1].start :].startswith(("mio", "mrd")):
            place += 1
        return value, step, place, scaled

    def _digits(self, text: str) -> tuple[float, float] | None:
        pattern, marks = (_GERMAN_DIGITS, ".,") if self._german else (_ENGLISH_DIGITS, ",.")
        if pattern.fullmatch(text) is None:
            pattern, marks = (_ENGLISH_DIGITS, ",.") if self._german else (_GERMAN_DIGITS, ".,")
        if pattern.fullmatch(text) is None or len(text) > _BEFORE:
            return None
        plain = text.replace(marks[0], "").replace(marks[1], ".")
        return float(plain), 10.0 ** -len(plain.partition(".")[2])

    def _spelled(self, place: int) -> tuple[float, float, int, bool] | None:
        total, current, first, scaled, step = 0.0, None, place, False, 1.0
        while True:
            word = self._at(place)
            if word in _ALONE and self._at(place + 1) in words.ALONE and current is None and not total:
                current, place = 1.0, place + 1
                continue
            value = words.cardinal(word)
            if value is not None and (
                current is None
                or (current % 10 == 0 and value < current and value < 10)
                or (current % 100 == 0 and current and value < 100)
            ):  # how English puts digits together
                if current is not None and value >= 1 and current < _HUNDRED and current < 20:
                    break
                current, place = (current or 0) + value, place + 1
            elif (
                word in words.SCALES
                and len(word) > 1
                and (current is not None or total or (word in words.ALONE and place == first))
            ):
                scale = words.SCALES[word]
                if scale == _HUNDRED:
                    current = (current or 1) * scale
                else:
                    # `one thousand million`
                    total = total * scale if current is None and 0 < total < scale else total + (current or 1) * scale
                    current, scaled, step = None, True, float(scale)
                place += 1
            elif word in {"-", "and", "und"} and place > first and self._joins(place, current):
                place += 1
            else:
                break
        half, place = self._half(place, first)
        if place == first:
            return None
        value = total + (current or 0) + half
        if half:
            step = 0.5
            value, step, place, also = self._scale(value, step, place)
            scaled = scaled or also
        return value, step, place, scaled

    def _joins(self, place: int, current: float | None) -> bool:
        following = words.cardinal(self._at(place + 1))
        if following is None or current is None:
            return False
        if self._at(place) == "-":
            return current % _HUNDRED in range(20, _HUNDRED, 10) and following < 10  # tens and ones
        return current % _HUNDRED == 0 and current > 0 and following < _HUNDRED

    def _half(self, place: int, first: int) -> tuple[float, int]:
        if place > first and self._at(place) == "and" and self._at(place + 1) in {"a", "one"}:
            share = {"half": 0.5, "quarter": 0.25}.get(self._at(place + 2))
            if share is not None:
                return share, place + 3
        return 0.0, place

    def _share(self, start: int, after: int, value: float) -> Quantity | None:
        """`one household in five`, `four out of ten`."""
        for place in range(after, min(after + 5, len(self._tokens))):
            between = self._low[self._tokens[after - 1].end : self._tokens[place].start]
            if not _ONE_IN.fullmatch(between):
                continue
            read = self._value(place)
            if read is None:
                continue
            if not 0 < value < read[0] <= 1000:  # larger ones are no shares
                return None
            self._place = read[2]
            end = self._tokens[read[2] - 1].end
            return self._made(self._tokens[start].start, end, value / read[0], 0.0, Measure(RATIO))
        return None

    def _fold(self, start: int, after: int, value: float) -> Quantity | None:
        """`three times as much`, `dreimal so viel`; but `three times a year` is no measure of anything else."""
        first, last = self._tokens[start], self._tokens[after - 1]
        found = _FOLD.match(self._low, last.end)
        if found is None:
            return None
        self._place = after + 1
        if value > _MOST_FOLD and "times" in found.group() and not _COMPARING.match(self._low, found.end()):
            return self._made(first.start, last.end, value, 1.0, PLAIN)  # 111 calls are no multiple
        return self._made(first.start, found.end(), value, 0.0, Measure("times"))

    def _fraction(self) -> Quantity | None:
        """`two thirds`, `half`, `a quarter`, `ein Zehntel`, `jeder Fünfte`."""
        place = self._place
        self._start = place
        start = self._tokens[place].start
        one = self._at(place) in _ALONE
        count = 1.0 if one else words.cardinal(self._at(place))
        named = place + 1 if one or count is not None else place
        if self._at(named) == "-":
            named += 1
        parts = words.part(self._at(named))
        if parts is None or not self._is_fraction(named, counted=named > place, many=(count or 1) > 1):
            return self._every(place)
        self._place = named + 1
        value = (count or 1.0) / parts
        end = self._tokens[named].end
        scaled = self._of_scale(named, count or 1.0, parts)
        if scaled is not None:
            return scaled
        unit = measured(self._low, end)
        of = _OF_A.match(self._low, end)
        if unit is None and of is not None:
            unit = measured(self._low, of.end())
        if unit is not None and unit[0].kind != PERCENT:
            return self._made(start, unit[1], value, 0.0, unit[0])
        return self._made(start, end, value, 0.0, Measure(RATIO))

    def _of_scale(self, named: int, count: float, parts: int) -> Quantity | None:
        """`half a million dollars`, `a quarter of a billion`, `eine halbe Million`: a round number."""
        first, last = self._tokens[self._start], self._tokens[named]
        between = _OF_SCALE.match(self._low, last.end)
        place = next(
            (
                at
                for at in range(named + 1, min(named + 4, len(self._tokens)))
                if between and self._tokens[at].start == between.end()
            ),
            None,
        )
        scale = words.SCALES.get(self._at(place)) if place is not None else None
        if place is None or scale is None or scale <= _HUNDRED or len(self._at(place)) == 1:
            return None
        self._place = place + 1
        measure, end = self._measure(first, self._tokens[place])
        return self._made(first.start, end, count * scale / parts, 0.1 * scale, measure, scaled=True)

    def _is_fraction(self, place: int, *, counted: bool, many: bool) -> bool:
        word = self._at(place)
        if words.part(word) == 2:  # half
            return True
        if many:
            return word.endswith("s") or word.endswith("tel")
        return counted and not (word == "quarter" and self._at(place + 1) in {"ended", "results", "end"})

    def _every(self, place: int) -> Quantity | None:
        token = self._tokens[place]
        number = words.ordinal(token.text)
        if number is None or number < 2 or not _EVERY.search(self._low[: token.start]):  # each one
            return None
        self._place = place + 1
        return self._made(token.start, token.end, 1 / number, 0.0, Measure(RATIO))

    def _times(self) -> Quantity | None:
        token = self._tokens[self._place]
        times = words.TIMES.get(token.text)
        if times is None:
            return None
        self._place += 1
        return self._made(token.start, token.end, times, 0.0, Measure("times" if times > 1 else RATIO))

    def _ordinal(self) -> Quantity | None:
        token = self._tokens[self._place]
        glued = self._at(self._place + 1) if self._at(self._place + 1) in _ENDINGS else ""
        number = words.ordinal(token.text + glued)
        if number is None:
            return None
        self._place += 1 + bool(glued)
        return Quantity(token.start, token.end + len(glued), number, 1, number, Measure(ORDINAL))

    def _measure(self, first: _Token, last: _Token) -> tuple[Measure, int]:
        end = last.end
        before = self._low[max(0, first.start - 5) : first.start].rstrip(" (-−")
        code = re.search(r"(?<![^\W\d_])(?:usd|eur|gbp|jpy|chf|cny|rmb|inr|aud|cad|us)\$?$", before)
        if code is not None and code.group() != "us":
            sign = currency(code.group())
            if sign is not None:
                return sign, end
        if before[-1:] in _SIGNS:
            sign = currency(before[-1:])
            if sign is not None:
                return sign, end
        adjective = _ADJECTIVE.match(self._low, end)
        unit = measured(self._low, adjective.end() if adjective else end)
        if unit is None:
            return Measure(""), end
        if adjective and adjective["name"] in _CODES:
            return replace(unit[0], code=_CODES[adjective["name"]]), unit[1]
        return unit

    def _has_sign(self, token: _Token) -> bool:
        return self._low[max(0, token.start - 2) : token.start].strip()[-1:] in _SIGNS

    def _hedge(self, start: int, end: int) -> str:
        before = self._low[max(0, start - _BEFORE) : start].rstrip("$€£¥(")
        found = _HEDGE.search(before if before.endswith(" ") else before + " ") or _HEDGE_AFTER.match(self._low, end)
        return (found.lastgroup or "") if found else ""
