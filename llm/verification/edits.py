"""A sentence that repeats its span nearly word for word and has something else in one place.

Who rewords a text changes most of it. Where the rest stands in the same order, a word in the place of another is a
change of what is said, unless both are forms of one word or verbs that may mean the same; so is a negation that is put
in or left out, and a number that stands in the place of another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from llm.verification.agreement import comparable, stands
from llm.verification.alignment import alike
from llm.verification.comparison import Comparison, Reason
from llm.verification.dates import agree
from llm.verification.grammar import VERBAL, Kind, Token, kinds
from llm.verification.lexicon import EXCLUSIVE
from llm.verification.logic import denials, is_negative
from llm.verification.opposites import pointing
from llm.verification.readings import Reading, Word

# What share of its words a sentence has to repeat; of what is the opposite, less.
_CLOSELY, _LOOSELY = 0.75, 0.6
_SAME = 0.8
_MOST_REPLACED = 4
_NOMINAL = {Kind.NOUN, Kind.NAME, Kind.ADJECTIVE, Kind.NUMBER}
_PREFIXES = ("un", "in", "im", "non", "dis", "ir", "il", "nicht")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where `new` words of the sentence stand for `old` ones of the span.

    At an `edge` what is repeated begins or ends.
    """

    new: Sequence[Word]
    old: Sequence[Word]
    edge: bool


def wrong_words(both: Comparison) -> Iterator[Reason]:
    """A reason for the first place where another word, number or negation stands than in the span."""
    repeated = _repeated(both)
    if repeated < _LOOSELY or any(part.row for part in both.span.parts):
        return
    for place in _places(both):
        reason = _changed(place, both)
        if reason is not None and (repeated >= _CLOSELY or reason is Reason.DIRECTION):
            yield reason
            return


def _repeated(both: Comparison) -> float:
    """Which share of the sentence's words the span has in the same order."""
    said = both.said.words
    total = sum(word.content for word in said)
    blocks = (said[block.a : block.a + block.size] for block in _matcher(both).get_matching_blocks())
    return sum(word.content for block in blocks for word in block) / total if total else 0.0


def _matcher(both: Comparison) -> SequenceMatcher[str]:
    return SequenceMatcher(None, [w.key for w in both.said.words], [w.key for w in both.written.words], autojunk=False)


def _places(both: Comparison) -> Iterator[_Place]:
    said, written = both.said.words, both.written.words
    matcher = _matcher(both)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    first, last = blocks[0].b, blocks[-1].b + blocks[-1].size
    for tag, start, end, low, high in matcher.get_opcodes():
        if tag == "equal":
            continue
        new: Sequence[Word] = said[start:end]
        old: Sequence[Word] = written[low:high]
        # What the span says before and after what is repeated is no part of it.
        if low < first:
            old = _same_clause(old[-len(new) - 1 :], written[first]) if new else ()
        elif high > last:
            old = _same_clause(old[: len(new) + 1], written[last - 1]) if new else ()
        yield _Place(new, old, edge=low < first or high > last)


def _same_clause(words: Sequence[Word], beside: Word) -> Sequence[Word]:
    return [word for word in words if word.clause == beside.clause]


def _changed(place: _Place, both: Comparison) -> Reason | None:
    mine, theirs = set(denials(both.said)) & set(place.new), set(denials(both.written)) & set(place.old)
    negative = any(map(is_negative, place.new)) or bool(mine), any(map(is_negative, place.old)) or bool(theirs)
    if (mine or theirs) and negative[0] != negative[1] and not _as_often(both):
        return Reason.NEGATION
    if (
        any(word.low in EXCLUSIVE for word in place.new)
        and not both.written.lows & EXCLUSIVE | {"just"} & both.said.lows
    ):
        return Reason.QUANTIFIER
    if _opposed(place):
        return Reason.DIRECTION
    return _figure(place, both) or _replaced(place, both)


def _as_often(both: Comparison) -> bool:
    """Whether what the sentence rests on denies as often as it does: the negation has only been moved."""
    clauses = {word.clause for word, _ in both.partners.values()}
    return len(denials(both.said)) == sum(word.clause in clauses for word in denials(both.written))


def _opposed(place: _Place) -> bool:
    """`rose` in the place of `fell`, `unsecured` in that of `secured`."""
    for one in place.new:
        for other in place.old:
            ways = dict(pointing(other.low))
            if any(ways.get(axis) == -way for axis, way in pointing(one.low)):
                return not any(one.low == word.low for word in place.old) and not any(
                    other.low == word.low for word in place.new
                )
            if any(one.low == prefix + other.low or other.low == prefix + one.low for prefix in _PREFIXES):
                return True
    return False


def _figure(place: _Place, both: Comparison) -> Reason | None:
    """Whether a number or date stands in the place of another that it does not agree with."""
    there = [q for q in both.written.quantities if any(q.start <= w.start < q.end for w in place.old)]
    for quantity in both.said.quantities:
        if any(quantity.start <= word.start < quantity.end for word in place.new):
            others = [other for other in there if comparable(quantity, other) or not quantity.kind]
            if others and not any(stands(quantity, other) for other in others):
                known = not place.edge or not any(stands(quantity, other) for other in both.written.quantities)
                return Reason.NUMBER if known else None
    dates = [d for d in both.written.dates if any(d.start <= w.start < d.end for w in place.old)]
    for date in both.said.dates:
        if any(date.start <= word.start < date.end for word in place.new) and dates:
            known = not place.edge or not any(agree(date, other) for other in both.written.dates)
            return Reason.DATE if known and not any(agree(date, other) for other in dates) else None
    return None


def _replaced(place: _Place, both: Comparison) -> Reason | None:
    """Whether other things are named in the place of those that the sentence leaves out."""
    new = list(_things(place.new, both.said))
    old = list(_things(place.old, both.written))
    lost = [one for one in old if one.word and not any(alike(one.word, w) >= _SAME for w in both.said.words)]
    if not new or not lost or len(new) > _MOST_REPLACED or len(old) > len(new) + 1:
        return None
    if any(_same(one, other) for one in new for other in old):
        return None
    if place.edge and any(one.word and any(alike(one.word, w) >= _SAME for w in both.written.words) for one in new):
        # What has only been moved to the beginning or the end stands in the place of nothing.
        return None
    return Reason.NAME


def _things(words: Sequence[Word], text: Reading) -> Iterator[Token]:
    """Nouns, names and adjectives, figures left out."""
    told = kinds(text)
    for word in words:
        figure = any(start <= word.start < end for start, end in text.figures)
        if word.content and not figure and word.start in told and told[word.start].kind in _NOMINAL:
            yield told[word.start]


def _same(one: Token, other: Token) -> bool:
    if one.word is None or other.word is None:
        return False
    return one.lemma == other.lemma or alike(one.word, other.word) >= _SAME or {one.kind, other.kind} <= VERBAL
