"""Whether who did what to whom, and which figure belongs to what, are the same in a sentence and in its span."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from llm.verification.agreement import stands
from llm.verification.comparison import Comparison, Reason
from llm.verification.dates import agree
from llm.verification.deeds import wrong_deeds
from llm.verification.exchanges import exchanged
from llm.verification.lexicon import BE, IRREGULAR, word_set
from llm.verification.quantities import ORDINAL
from llm.verification.readings import Reading, Word

_STRONG = 0.9
_FROM = word_set("from von vom aus")
_TO = word_set("to into an nach zu zum zur ans gegen against")
_BY = word_set("by durch")
_SKIPPED = word_set("the a an its their his her der die das dem den des ein eine einer einem einen seine ihre of")
_PREPOSITIONS = {**dict.fromkeys(_FROM, "from"), **dict.fromkeys(_TO, "to"), **dict.fromkeys(_BY, "by")}
_OTHER = word_set(
    "than as in on at of with for under over between among during in im am mit bei für über unter zwischen auf"
)
_OBLIQUE = frozenset({"den", "dem", "einen", "einem"})
_TIME = {"until": 1, "before": 1, "vor": 1, "bevor": 1, "after": -1, "nach": -1, "nachdem": -1}
_MOST = 14
_MARGIN, _REACH, _LISTED = 3, 45, 12


@dataclass(frozen=True, slots=True)
class _Item:
    """Something that a sentence and its span both have once: where it is in both."""

    at: int
    segment: int
    there: int
    part: int
    word: Word | None
    other: Word | None
    # Only things of one kind are exchanged for each other: figures, names, or other words.
    kind: str = "figure"
    dated: bool = False
    measure: str = ""


def wrong_roles(both: Comparison) -> Iterator[Reason]:
    """Whether two things have changed places: in parallel clauses, about a verb, after `from` and `to`, or in time."""
    items = _items(both)
    if _crossed(items) or _turned(both, items) or wrong_deeds(both) or exchanged(both):
        yield Reason.ROLE
    elif _reordered(both):
        yield Reason.DIRECTION


def _items(both: Comparison) -> list[_Item]:
    found = []
    german = both.said.german
    for word in both.said.content:
        known = both.partners.get(word.start)
        if known is None or known[1] < _STRONG or not both.is_certain(word):
            continue
        other = known[0]
        kind = "name" if word.capital and not german else "word"
        found.append(_Item(word.at, word.segment, other.at, other.segment, word, other, kind))
    found += _figures(both)
    unique: dict[int, _Item] = {}
    for item in found:
        unique.setdefault(item.there, item)
    return sorted(unique.values(), key=lambda item: item.at)[:_MOST]


def _figures(both: Comparison) -> Iterator[_Item]:
    for said in both.said.quantities:
        matching = [one for one in both.written.quantities if stands(said, one) and one.kind != ORDINAL]
        glued = both.said.text[max(0, said.start - 2) : said.start]
        if len(matching) == 1 and said.kind != ORDINAL and not (glued.endswith("-") and glued[:1].isalpha()):
            yield from _placed(both, said.start, matching[0].start, measure=said.kind)
    for date in both.said.dates:
        same = [other for other in both.written.dates if agree(date, other)]
        if len(same) == 1:
            yield from _placed(both, date.start, same[0].start, dated=True)


def _placed(both: Comparison, start: int, there: int, *, dated: bool = False, measure: str = "") -> Iterator[_Item]:
    mine, theirs = _at(both.said, start), _at(both.written, there)
    if mine is not None and theirs is not None:
        yield _Item(mine.at, mine.segment, theirs.at, theirs.segment, None, None, "figure", dated, measure)


def _at(text: Reading, start: int) -> Word | None:
    return next((word for word in text.words if word.end > start), None)


def _crossed(items: Sequence[_Item]) -> bool:
    """Whether two clauses have exchanged parts: `A did B, C did D` where the span has A beside D, and C beside B."""
    segments: dict[int, list[_Item]] = {}
    for item in items:
        segments.setdefault(item.segment, []).append(item)
    return any(
        one.kind == third.kind and other.kind == fourth.kind and _is_exchange(one, other, third, fourth)
        for first, second in combinations(segments.values(), 2)
        for one, other in combinations(first, 2)
        for third, fourth in permutations(second, 2)
    )


def _is_exchange(one: _Item, other: _Item, third: _Item, fourth: _Item) -> bool:
    straight = abs(one.there - other.there), abs(third.there - fourth.there)
    crossed = abs(one.there - fourth.there), abs(third.there - other.there)
    nearer = (
        crossed[0] < straight[0] and crossed[1] < straight[1] and crossed[0] < straight[1] and crossed[1] < straight[0]
    )
    if not nearer or sum(straight) - sum(crossed) < _MARGIN:
        return False
    apart = one.part != other.part and third.part != fourth.part
    return apart and one.part == fourth.part and third.part == other.part


def _turned(both: Comparison, items: Sequence[_Item]) -> bool:
    """Whether a preposition that stood before one name stands before the other: `from A to B`."""
    named = [(item.word, item.other) for item in items if item.word is not None and item.other is not None]
    mine = [_preposition(word, both.said) for word, _ in named]
    theirs = [_preposition(other, both.written) for _, other in named]
    if any({one, other} == {"from", "to"} for one, other in zip(mine, theirs, strict=True)):
        return True
    ways = {"from", "to"} if _passive(both.said) != _passive(both.written) else {"from", "to", "by"}
    for way in ways:
        here = _heads([place for place, one in enumerate(mine) if one == way], [word for word, _ in named])
        there = _heads([place for place, one in enumerate(theirs) if one == way], [other for _, other in named])
        if len(here) == len(there) == 1 and here != there and mine[there[0]] == "" and theirs[here[0]] is not None:
            return True
    return False


def _heads(places: Sequence[int], words: Sequence[Word]) -> list[int]:
    """Of names of several words the first alone."""
    taken = {words[place].at for place in places}
    return [place for place in places if not any(0 < words[place].at - at <= 2 for at in taken)]  # beside


def _preposition(word: Word, text: Reading) -> str | None:
    """What stands before a word: from, to or by; empty for nothing; None for anything else."""
    place = text.words.index(word)
    skipped = 0
    for other in reversed(text.words[max(0, place - 7) : place]):
        if other.low in {"of", "des", "der"}:
            # `from the settlement of A`: up to three words lead to what governs them.
            skipped = 3
            continue
        if other.low in _PREPOSITIONS:
            way = _PREPOSITIONS[other.low]
            # Before a verb it is no preposition.
            return None if way == "to" and not (word.capital or text.german) else way
        if any(start <= other.start < end for start, end in text.figures):
            return ""
        if other.low in _OTHER:
            return None
        if other.segment != word.segment:
            return ""
        if other.low in _SKIPPED or other.capital:
            continue
        if skipped and other.content:
            skipped -= 1
            continue
        return ""
    return ""


def _passive(text: Reading) -> bool:
    words = text.words
    if text.german:
        return any(word.low in {"wurde", "wurden", "wird", "werden", "worden"} for word in words)
    return any(
        word.low in BE
        and any(
            other.low.endswith(("ed", "en", "wn", "lt", "de", "ld", "ht", "nt"))
            for other in words[place + 1 : place + 4]
        )
        for place, word in enumerate(words)
    )


def _reordered(both: Comparison) -> bool:
    """Whether what came first comes last: `A after B`, `B after A`, or `until B` of what came after it."""
    for word in both.said.words:
        sign = _TIME.get(word.low)
        if sign is None:
            continue
        mine = _sides(word, both.said)
        for other in both.written.words:
            there = _TIME.get(other.low)
            if there is None:
                continue
            straight, turned = _score(both, mine, _sides(other, both.written))
            if sign == there and all(turned) and not straight[0]:
                return True
            if sign != there and straight[0] and not any(turned):
                return True
    return False


def _sides(word: Word, text: Reading) -> tuple[set[int], set[int]]:
    """The words of what a preposition governs, and the others of its clause and of the one before it."""
    place = text.words.index(word)
    after = [other for other in text.words[place + 1 :] if other.segment == word.segment]
    reach = max((other.end for other in after), default=word.end)
    governed = {other.start for other in after if other.content}
    governed |= {start for start, _ in text.figures if word.end <= start < reach}
    rest = {
        other.start
        for other in text.words
        if other.content and other.start not in governed and other is not word and abs(other.clause - word.clause) <= 1
    }
    return governed, rest


def _score(
    both: Comparison, mine: tuple[set[int], set[int]], theirs: tuple[set[int], set[int]]
) -> tuple[list[int], list[int]]:
    """How many words of each side stand on the same side in the span, and how many on the other."""
    straight, turned = [0, 0], [0, 0]
    for side in (0, 1):
        for start in mine[side]:
            figure = _figure_at(both, start)
            if figure is not None:
                straight[side] += figure in theirs[side]
                turned[side] += figure in theirs[1 - side]
                continue
            found = both.partners.get(start)
            if found is None or found[1] < 1 or not (found[0].capital or found[0].low not in IRREGULAR):
                continue
            straight[side] += found[0].start in theirs[side]
            turned[side] += found[0].start in theirs[1 - side]
    return straight, turned


def _figure_at(both: Comparison, start: int) -> int | None:
    """For the start of a date or number of the sentence that of the one in the span that it agrees with."""
    for date in both.said.dates:
        if date.start == start:
            return next((other.start for other in both.written.dates if agree(date, other)), None)
    for said in both.said.quantities:
        if said.start == start:
            return next((one.start for one in both.written.quantities if stands(said, one)), None)
    return None
