"""Two things that have changed places in a sentence that otherwise repeats its span.

`A engaged B in place of C` for `A engaged C in place of B`: each stands where the other stood, after the same word, and
the rest is in its order. What has been moved with its preposition, or turned into the passive, is no exchange.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from llm.verification.comparison import Comparison
from llm.verification.grammar import Kind, kinds
from llm.verification.lexicon import BE, JOINS, word_set
from llm.verification.readings import Reading, Word

_REPEATED = 0.7
_LONGEST, _FEWEST, _MOST = 3, 4, 20
_NOMINAL = frozenset({Kind.NOUN, Kind.NAME, Kind.ADJECTIVE})
_BETWEEN = word_set("not nicht statt instead place behalf than als rather sondern before after vor nach bevor nachdem")
_ARTICLES = word_set(
    "the a an this that these those its their his her our my your "
    "der die das den dem des ein eine einen einem einer eines "
    "ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner"
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Where a word that both texts have once stands in the sentence and in the span, by its number there."""

    here: int
    there: int


def exchanged(both: Comparison) -> bool:
    """Whether two groups of words have changed places."""
    pairs = _pairs(both)
    if len(pairs) < max(_FEWEST, _REPEATED * sum(word.content for word in both.said.words)) or len(pairs) > _MOST:
        return False
    if _rising(pairs):
        return False
    return any(_is_exchange(pairs, *places, both) for places in _candidates(pairs))


def _pairs(both: Comparison) -> list[_Pair]:
    mine = Counter(word.key for word in both.said.words)
    theirs = Counter(word.key for word in both.written.words)
    places = {word.key: place for place, word in enumerate(both.written.words)}
    return [
        _Pair(place, places[word.key])
        for place, word in enumerate(both.said.words)
        if word.content and mine[word.key] == theirs[word.key] == 1
    ]


def _rising(pairs: Sequence[_Pair]) -> bool:
    return all(one.there < other.there for one, other in pairwise(pairs))


def _candidates(pairs: Sequence[_Pair]) -> Iterator[tuple[int, int, int, int]]:
    """Two runs `start:end` and `low:high` of which the exchange puts everything into the order of the span."""
    runs = [
        (start, end) for start in range(len(pairs)) for end in range(start + 1, min(start + _LONGEST, len(pairs)) + 1)
    ]
    for (start, end), (low, high) in combinations(runs, 2):
        if end > low or not _rising(pairs[:start]):
            continue
        if _rising([*pairs[:start], *pairs[low:high], *pairs[end:low], *pairs[start:end], *pairs[high:]]):
            yield start, end, low, high


def _is_exchange(pairs: Sequence[_Pair], start: int, end: int, low: int, high: int, both: Comparison) -> bool:
    first, last = pairs[start:end], pairs[low:high]
    said = both.said
    between = said.words[first[-1].here + 1 : last[0].here]
    # `A and B`, `A is B`: said in either order.
    telling = [word for word in between if word.content or word.low in _BETWEEN]
    if not telling or all(word.low in JOINS | BE for word in telling):
        return False
    if not all(_is_thing(said, [one.here for one in run]) for run in (first, last)):
        return False
    return _same_place(both, first[0].here, last[0].there) and _same_place(both, last[0].here, first[0].there)


def _is_thing(text: Reading, places: Sequence[int]) -> bool:
    told = kinds(text)
    words = [text.words[place] for place in places]
    if any(start < word.end and word.start < end for start, end in text.figures for word in words):
        return False
    found = [told[word.start].kind for word in words if word.start in told]
    return bool(found) and set(found) <= _NOMINAL and found[-1] is not Kind.ADJECTIVE


def _same_place(both: Comparison, here: int, there: int) -> bool:
    """Whether the same word stands before both places, and in German the same article."""
    mine, theirs = _before(both.said, here), _before(both.written, there)
    if both.said.german and mine[1] != theirs[1]:
        return False
    return mine[0] == theirs[0]


def _before(text: Reading, place: int) -> tuple[str, str]:
    """The key of the word before a place, its article and what describes it left out, and that article."""
    told = kinds(text)
    article = ""
    for word in reversed(text.words[:place]):
        if _ends(word, text, place):
            return "", article
        if word.low in _ARTICLES:
            article = article or word.low
        elif not (word.start in told and told[word.start].kind in {Kind.ADJECTIVE, Kind.NAME} and not article):
            return word.key, article
        if word.first:
            break
    return "", article


def _ends(word: Word, text: Reading, place: int) -> bool:
    """Whether a clause ends between a word and a place."""
    return any(sign in text.text[word.end : text.words[place].start] for sign in ".;:!?\n")
