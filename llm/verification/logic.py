"""Whether a sentence and its span point the same way: negations, directions and quantifiers."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from llm.verification.agreement import stands
from llm.verification.alignment import alike
from llm.verification.comparison import Comparison, Reason
from llm.verification.figures import values_of_years
from llm.verification.grammar import Kind, kinds
from llm.verification.lexicon import (
    COMPARING,
    EXCLUSIVE,
    HEDGES,
    MOST,
    NEARLY_NEGATIONS,
    NEGATIONS,
    UNIVERSAL,
    UNIVERSAL_LIKE,
    word_set,
)
from llm.verification.measures import PERCENT, RATIO
from llm.verification.opposites import pointing
from llm.verification.readings import Reading, Word

# `not only … but`, `no more than`, `whether or not`, `no doubt`: negations that negate nothing.
_EMPTY = re.compile(
    r"\bnot only\b|\bno (?:more|less|fewer|later|earlier) than\b|\bor not\b|\bno doubt\b|\bno longer\b|"
    r"\bnot (?:un|in|im)\w+|\bno\.|\bnot least\b"
    r"|\b(?:not|n't)\b(?=(?:\s\w+){1,3}\s(?:more|less|fewer|later|earlier|longer|higher|lower) than\s\S*\d)"
    r"|\bnicht(?=(?:\s\w+){0,2}\s\w+er als\s(?:\S*\d|\w+\s(?:milli|zenti|kilo)?(?:meter|gramm|liter|prozent)))"
    r"|\bnicht nur\b|\bnicht zuletzt\b|\bnicht weniger als\b|\bno matter\b|\bkein geringerer\b|\bnot just\b|\bnon-",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"(?:un(?!der|til|ion|ite|ive|iq|ter|ser|gef)|non|mis|dis(?!tri|cus|tin|pla|cov|ney|kus|tan)|nicht)(?=\w{4})"
)
_PREFIXES = re.compile(r"(?:un|in|im|ir|il|dis|non|mis|nicht)(?=\w{4})")
_GOING = word_set("is are was were be been went go goes gone came come comes moved move moving")
_NOUNS = word_set("fall falle")
COMPARED = word_set("more less fewer")
_HEDGING = word_set("over under above below über unter")
_PER = re.compile(
    r"\b(?:each|every|jedes|jeden|jede|jeder|all)\s+(?:\w+\s+)?(?:year|month|day|week|decade|quarter|hour|"
    r"jahr|monat|tag|woche|of the time)",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"\b(?:in all|at all|all in all|above all|after all|all the (?:more|same)|all along|all[- ]time|vor allem|"
    r"alles in allem|all of (?:2|1)\d{3}|all-\w+|at most|for the most part)\b",
    re.IGNORECASE,
)
_HALF = 0.5
_FEW = word_set("few little minority fewer hardly wenige wenigen minderheit kaum")
_NEXT, _NEAR, _BESIDE = 3, 6, 3
_NEARLY_ALL = re.compile(r"\b(?:nearly|almost|practically|fast|beinahe|nahezu)\s(?:all|every|alle|jede)", re.IGNORECASE)
_ONLY_WHEN = word_set(
    "one a an ein eine einen einem einer just recently after when if then once because by until in at on "
    "wenn nach als dann weil bei um"
)
_EXCLUSIVE_LIKE = EXCLUSIVE | word_set(
    "sole alone single just merely except unless nothing none no but allein bloß einzige einziger einziges"
)
_ABOUT = 2
_THAN = re.compile(r"\b(?:than|compared (?:with|to)|relative to|als|verglichen mit|gegenüber)\b", re.IGNORECASE)
_SAME = 0.9
_EXCEPTIONS = word_set("except excepting excluding unless apart außer ausgenommen abgesehen")
_NEVER = word_set("never nie niemals noch")
_FIRSTS = word_set("first erste ersten erster erstes erstmals")
# These deny what else there is, which only matters where a sentence speaks of it.


def wrong_polarity(both: Comparison) -> Iterator[Reason]:
    """Whether the sentence says plainly what the span denies, or one has `uncertain` where the other has `certain`.

    That a sentence denies what its span says is told by `edits` alone: in other words `not` is said in too many ways.
    """
    said = denials(both.said)
    near = [word for word in denials(both.written) if _concerns(word, both)]
    if not said and (any(_dropped(word, both) for word in near) if near else _prefixed(both)):
        yield Reason.NEGATION


@lru_cache(2048)
def denials(text: Reading) -> tuple[Word, ...]:
    """The words of a text that deny something: not those of `not only` or `no less than`."""
    empty = [(found.start(), found.end()) for found in _EMPTY.finditer(text.text)]
    return tuple(
        word
        for word in text.words
        if word.low in NEGATIONS and not any(start <= word.start < end for start, end in empty)
    )


def _concerns(denial: Word, both: Comparison) -> bool:
    """Whether a negation of the span is in a clause that has something of the sentence."""
    clauses = {word.clause for word, _ in both.partners.values()}
    return denial.clause in clauses


def _targets(denial: Word, text: Reading) -> list[Word]:
    """The content words that a negation is about: the next ones of its clause, else those before it."""
    words = [word for word in text.content if word.clause == denial.clause and word.low not in NEGATIONS]
    after = [word for word in words if word.start > denial.start][:_NEXT]
    return after or words[-_NEXT:]


def _dropped(denial: Word, both: Comparison) -> bool:
    """Whether the sentence says plainly what a negation of the span is about."""
    targets = _targets(denial, both.written)[:_ABOUT]
    sources = [both.sources[word.start] for word in targets if word.start in both.sources]
    if not sources or not _in_best_part(denial, both):
        return False
    if denial.low in _NEVER and both.said.lows & _FIRSTS:
        return False  # what never was before is the first
    segments = {word.segment for word in sources}
    return not any(is_negative(word) for word in both.said.words if word.segment in segments)


def _in_best_part(denial: Word, both: Comparison) -> bool:
    """Whether no other sentence of the span has more of the words and numbers than that of a negation."""
    if len(both.span.parts) == 1:
        return True
    overlaps = []
    for part in both.span.parts:
        start = part.start - both.span.start
        inside = start <= denial.start < start + part.end - part.start
        words = sum(any(alike(word, other) >= _SAME for other in part.reading.words) for word in both.said.content)
        figures = sum(any(stands(one, other) for other in part.reading.quantities) for one in both.said.quantities)
        overlaps.append((words + figures, inside))
    return any(inside and count == max(overlaps)[0] for count, inside in overlaps)


def is_negative(word: Word) -> bool:
    """Whether a word denies, or says something like it: `without`, `failed`, `unknown`."""
    return (
        word.low in NEGATIONS
        or word.low in NEARLY_NEGATIONS - EXCLUSIVE
        or bool(word.content and not word.capital and _NEGATIVE.match(word.low))
    )


def _prefixed(both: Comparison) -> bool:
    """`certain` against `uncertain`, without any other negation."""
    for mine, theirs in ((both.said, both.written), (both.written, both.said)):
        for word in mine.words:
            found = _PREFIXES.match(word.low)
            if found is None or not word.content:
                continue
            plain = word.low[found.end() :]
            if plain in theirs.lows and word.low not in theirs.lows and plain not in mine.lows:
                return True
    return False


def wrong_ways(both: Comparison) -> Iterator[Reason]:
    """Whether a word points the other way than what stands for it in the span."""
    mine, theirs = directions(both.said), directions(both.written)
    if _against_itself(both.said, mine) or _moved_otherwise(both, mine):
        yield Reason.DIRECTION
        return
    for axis, signs in mine.items():
        others = theirs.get(axis, {})
        for word, sign in signs.items():
            # What is said of something else is no counterpart.
            rest = {
                other: way
                for other, way in others.items()
                if not any(other.key == o.key and o is not word for o in signs)
            }
            if _points_otherwise(word, sign, rest, both):
                yield Reason.DIRECTION
                return


def _points_otherwise(word: Word, sign: int, others: dict[Word, int], both: Comparison) -> bool:
    other = _counterpart(word, others, both)
    if other is None or others[other] == sign:
        return False
    if sign in others.values() and not (both.partner(word) is other or _beside(word, other, both)):
        return False
    return _denied(word, both.said) == _denied(other, both.written) and not _swapped(both, word, other)


def _against_itself(said: Reading, mine: dict[str, dict[Word, int]]) -> bool:
    """`rose from 5 to 3`."""
    signs = set(mine.get("amount", {}).values())
    for one, other in pairwise(said.quantities):
        between = said.text[one.end : other.start].strip(" $€£").lower()
        before = said.text[: one.start].rstrip(" $€£").lower()
        ranged = between in {"to", "auf"} and before.endswith(("from", "von"))
        if ranged and one.kind == other.kind and len(signs) == 1 and (other.value - one.value) * next(iter(signs)) < 0:
            return True
    return False


def _moved_otherwise(both: Comparison, mine: dict[str, dict[Word, int]]) -> bool:
    """Whether the numbers of two years went the other way than is said of them."""
    signs = set(mine.get("amount", {}).values())
    values = values_of_years(both.written)
    years = [date.year for date in both.said.dates if date.year in values]
    if len(signs) != 1 or len(set(years)) != 2 or denials(both.said):  # two years are compared
        return False
    first, last = years[0], years[-1]
    than = _THAN.search(both.said.text)
    compared = than is not None and any(date.start >= than.end() for date in both.said.dates if date.year == last)
    leading = than is not None and than.end() <= both.said.dates[0].start
    subject, base = (
        (first, last) if compared and not leading else (last, first) if leading else (max(years), min(years))
    )
    return (values[subject].value - values[base].value) * next(iter(signs)) < 0


def _counterpart(word: Word, others: dict[Word, int], both: Comparison) -> Word | None:
    """The word of the same axis that stands for a word, else the one nearest to what stands for its neighbours."""
    partner = both.partner(word)
    near = [
        there
        for other in both.said.content
        if other.clause == word.clause and abs(other.at - word.at) <= _NEAR and other is not word
        for there in [both.partner(other)]
        if there is not None
    ]
    if partner in others and (not near or len(others) == 1):
        return partner
    if not near or not others:
        return None
    distance = {other: min(abs(other.at - there.at) for there in near) for other in others}
    best = min(distance, key=lambda other: distance[other])
    if partner in distance and distance[partner] <= distance[best] + _BESIDE:
        return partner
    return best if distance[best] <= _NEAR else None


def _beside(word: Word, other: Word, both: Comparison) -> bool:
    """Whether the next word of both is the same."""
    near = [
        there
        for one in both.said.content
        if one is not word and abs(one.at - word.at) <= _BESIDE and (there := both.partner(one)) is not None
    ]
    return any(abs(there.at - other.at) <= _BESIDE for there in near)


def _denied(word: Word, text: Reading) -> bool:
    return any(one.clause == word.clause and one.at < word.at and word.at - one.at <= _NEAR for one in denials(text))


@lru_cache(1024)
def directions(text: Reading) -> dict[str, dict[Word, int]]:
    """For each axis the words that point along it."""
    found: dict[str, dict[Word, int]] = {}
    starts = {quantity.start for quantity in text.quantities}
    words = text.words
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else None
        if after is not None and after.low in COMPARING and not starts.isdisjoint(range(after.end, after.end + 4)):
            continue
        if word.capital and not word.first and not text.german:
            continue
        if (text.german and word.capital and word.low in _NOUNS) or (
            after is not None and word.low == "little" and after.low in _HEDGING | COMPARED
        ):
            continue
        # A sign of a currency may stand between.
        counted = not starts.isdisjoint(range(word.end, word.end + 3))
        if counted and word.low in _HEDGING:
            continue
        if word.low in {"up", "down"} and not (counted or _moves(words, place)):
            continue
        for axis, sign in pointing(word.low):
            found.setdefault(axis, {})[word] = sign
    return found


def _moves(words: Sequence[Word], place: int) -> bool:
    """Whether `up` or `down` is a way that something goes, and no part of `make up` or `set up`."""
    before = words[place - 1].low if place else ""
    after = words[place + 1].low if place + 1 < len(words) else ""
    return before in _GOING or after in {"by", "from"}


def _swapped(both: Comparison, mine: Word, theirs: Word) -> bool:
    """Whether what stands before and after the word have changed places: `A is older than B`, `B is younger than A`."""
    before: list[Word] = []
    after: list[Word] = []
    for word in both.said.content:
        partner = both.partners.get(word.start)
        if partner is not None and word != mine and partner[0] != theirs:
            (before if word.at < mine.at else after).append(partner[0])
    if not before or not after:
        return False
    first = sum(word.at < theirs.at for word in before) / len(before)
    last = sum(word.at > theirs.at for word in after) / len(after)
    return first < _HALF and last < _HALF


def wrong_amounts(both: Comparison) -> Iterator[Reason]:
    """Whether a sentence says of all, most or only some what the span does not say of so many."""
    text = both.said.text
    for pattern in (_PER, _WHOLE, _EMPTY):
        text = pattern.sub(lambda found: " " * len(found.group()), text)
    words = both.said.words
    for place, word in enumerate(words):
        if not text[word.start : word.end].strip():
            continue
        after = words[place + 1] if place + 1 < len(words) else None
        if (
            (word.low in UNIVERSAL and (_not_all(word, both) or _excepted(both)))
            or (word.low in MOST - HEDGES and _not_most(word, after, both))
            or (word.low in EXCLUSIVE and _not_only(after, both))
        ):
            yield Reason.QUANTIFIER
            return


def _not_most(word: Word, after: Word | None, both: Comparison) -> bool:
    """But `most often` is no share of anything."""
    lows = _counterpart_lows(word, both)
    token = kinds(both.said).get(after.start) if after is not None else None
    if token is not None and token.kind in {Kind.ADJECTIVE, Kind.ADVERB}:
        return False
    return not lows & MOST and (bool(lows & _FEW) or _minority(both))


def _not_only(after: Word | None, both: Comparison) -> bool:
    """But `only 5` and `only after` say how much and when."""
    if after is None or after.low in _ONLY_WHEN or any(one.start == after.start for one in both.said.quantities):
        return False
    return not both.written.lows & _EXCLUSIVE_LIKE


def _counterpart_lows(word: Word, both: Comparison) -> frozenset[str]:
    """The words of the clauses in which what a quantifier counts stands; those of the span where it is not found."""
    near = [one for one in both.said.content if 0 < one.at - word.at <= _NEAR]
    clauses = {there.clause for one in near if (there := both.partner(one)) is not None}
    if not clauses:
        return both.written.lows
    return frozenset(one.low for one in both.written.words if one.clause in clauses)


def _not_all(word: Word, both: Comparison) -> bool:
    """Whether the span does not say it of all, or only of nearly all."""
    lows = _counterpart_lows(word, both)
    if not lows & UNIVERSAL_LIKE:
        return True
    hedged = _NEARLY_ALL.search(both.written.text) and not _NEARLY_ALL.search(both.said.text)
    return bool(hedged) and not lows & {"each", "whole"}


def _excepted(both: Comparison) -> bool:
    """Whether the clauses that a sentence rests on name an exception that it leaves out."""
    clauses = {word.clause for word, _ in both.partners.values()}
    named = {word.low for word in both.written.words if word.clause in clauses} & _EXCEPTIONS
    return bool(named) and both.said.lows.isdisjoint(_EXCEPTIONS | NEGATIONS)


def _minority(both: Comparison) -> bool:
    shares = [
        one.value / 100 if one.kind == PERCENT else one.value
        for one in both.written.quantities
        if one.kind in {PERCENT, RATIO}
    ]
    return bool(shares) and all(share < _HALF for share in shares)
