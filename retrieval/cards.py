"""Cards of documents: what each is called, how it begins and which periods it covers, and how well a question names it.

A question that names an organisation and a year means a document before it means a passage; a passage in the middle of
a report repeats neither. Which documents there are is told by `catalogue`.
"""

import math
import re
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import add, itemgetter
from pathlib import PurePath

from core.values import Opening
from retrieval.periods import Periods, agreement, covered, mentioned

_WORD = re.compile(r"[^\W_]+")
_SEAM = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_ASKED = re.compile(r"[^\W_]+(?:[&.-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s\b")
_PERIOD_WORD = re.compile(r"(?:fy|cy|q)?\d*")
_UNTELLING = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been by did do does for from has have how i if in into is it its me of on or our please"
        " that the their then this to us was we were what when where which who why with you your"
        " auf aus bei das dem den der des die ein eine für ist mit oder sind und von war was"
        " wann welche welcher welches wer wie wo zu zum zur",
    )
)
# The first page of a short document is most of its text, which its passages already speak for.
_FEWEST_PAGES = 4
_HEAD_WORDS = 150
_NAME, _HEAD, _LATER = 2.0, 1.0, 0.6
_PAIR, _WORDED, _PLAIN, _PLAIN_PAIR = 1.5, 1.0, 0.15, 0.2
_ABBREVIATION = range(2, 6)
_PERIODS_WEIGHT = 1.2


@dataclass(frozen=True, slots=True)
class Card:
    """What tells a document apart: its words with their weights, and its periods."""

    words: Mapping[str, float]
    periods: Periods


def card_of(opening: Opening) -> Card:
    """The card of a document."""
    name = PurePath(opening.filename).stem
    text = opening.text if opening.pages >= _FEWEST_PAGES else ""
    parts = [(weight, _words(part)) for weight, part in ((_HEAD, text), (_NAME, opening.title), (_NAME, name))]
    weighed: list[tuple[float, Iterable[str]]] = []
    for weight, found in parts:
        first, later = _terms(found)
        weighed += [(weight, first), (weight * _LATER, later)]
    words: dict[str, float] = {}
    # What stands in several places keeps the greatest weight.
    for weight, terms in sorted(weighed, key=itemgetter(0)):
        words.update(dict.fromkeys(terms, weight))
    for _, found in parts:
        words.update((f".{initials}", _HEAD) for initials in _initials(found[:_HEAD_WORDS]))
    return Card(words, covered(name.replace("_", " "), text))


class Cards:
    """The cards of many documents, by their words. Not thread-safe."""

    def __init__(self) -> None:
        # What each is found by. The same words stand on many cards, so that each is kept once.
        self._words: dict[str, tuple[str, ...]] = {}
        self._periods: dict[str, Periods] = {}
        self._owners: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._by_year: defaultdict[int, set[str]] = defaultdict(set)
        self._sorted: list[str] | None = None

    def put(self, document_id: str, card: Card) -> None:
        """Add or replace a document's card."""
        self.drop(document_id)
        self._words[document_id] = tuple(map(sys.intern, card.words))
        self._periods[document_id] = card.periods
        for word, weight in zip(self._words[document_id], card.words.values(), strict=True):
            self._owners[word][document_id] = weight
        for year in card.periods.years:
            self._by_year[year].add(document_id)
        self._sorted = None

    def drop(self, document_id: str) -> None:
        """Forget a document."""
        periods = self._periods.pop(document_id, None)
        if periods is None:
            return
        for word in self._words.pop(document_id):
            owners = self._owners[word]
            del owners[document_id]
            if not owners:
                del self._owners[word]
        for year in periods.years:
            self._by_year[year].discard(document_id)
        self._sorted = None

    def named(self, question: str) -> dict[str, float]:
        """How well the question names each document, at most 1 for the name and 1.9 for the periods; empty for none.

        Plain words only tell documents apart that a name or a period has brought up.
        """
        strong: defaultdict[str, float] = defaultdict(float)
        weak: defaultdict[str, float] = defaultdict(float)
        for term, weight in _asked(question).items():
            owners = self._owners_of(term) if weight >= _WORDED else self._owners.get(term, {})
            rarity = math.log(1 + (len(self._words) - len(owners) + 0.5) / (len(owners) + 0.5))
            into = strong if weight >= _WORDED else weak
            for document_id, value in owners.items():
                into[document_id] += weight * rarity * value
        periods = mentioned(question)
        last = max(periods.years, default=0)
        brought_up = set(strong).union(*(self._by_year.get(last + after, ()) for after in range(3)))
        names = {document_id: strong.get(document_id, 0.0) + weak.get(document_id, 0.0) for document_id in brought_up}
        best = max(names.values(), default=0.0) if strong else 0.0
        return {
            document_id: (name / best if best else 0.0)
            + _PERIODS_WEIGHT * agreement(periods, self._periods[document_id])
            for document_id, name in names.items()
        }

    def without_names(self, text: str, documents: Collection[str]) -> str:
        """The text without the words that name these documents, as long as something is left."""
        names: dict[str, bool] = {}
        kept: list[str] = []
        end = 0
        for word, found in zip(_folded(text), _ASKED.finditer(text), strict=True):
            if not _is_name(found.group(), found.start()):
                continue
            if word not in names:
                names[word] = not self._owners_of(word).keys().isdisjoint(documents)
            if names[word]:
                kept.append(text[end : found.start()])
                possessive = _POSSESSIVE.match(text, found.end())
                end = possessive.end() if possessive else found.end()
        rest = " ".join([*kept, text[end:]])
        return rest if _WORD.search(rest) else text

    def _owners_of(self, name: str) -> Mapping[str, float]:
        return self._owners.get(name) or self._abbreviated(name)

    def _abbreviated(self, term: str) -> dict[str, float]:
        """The owners of the words that begin so, or of whose initials the term consists (`J&J`, `JnJ`)."""
        if len(term) not in _ABBREVIATION:
            return {}
        if self._sorted is None:
            self._sorted = sorted(self._owners)
        found: dict[str, float] = {}
        for place in range(bisect_left(self._sorted, term), len(self._sorted)):
            word = self._sorted[place]
            if not word.startswith(term):
                break
            for document_id, weight in self._owners[word].items():
                found[document_id] = max(weight, found.get(document_id, 0.0))
        initials = re.sub(r"and|n", "", term)
        return found or self._owners.get(f".{initials}", {})


def _asked(question: str) -> dict[str, float]:
    """The terms of a question that may name a document, those written like names weighing more."""
    text = _POSSESSIVE.sub("", question)
    words = _folded(text)
    named = [_is_name(found.group(), found.start()) for found in _ASKED.finditer(text)]
    terms: dict[str, float] = {}
    for place, word in enumerate(words):
        if word in _UNTELLING or _PERIOD_WORD.fullmatch(word):
            continue
        terms[word] = max(terms.get(word, 0.0), _WORDED if named[place] else _PLAIN)
        if place + 1 < len(words) and words[place + 1] not in _UNTELLING:
            pair = word + words[place + 1]
            terms[pair] = max(terms.get(pair, 0.0), _PAIR if named[place] and named[place + 1] else _PLAIN_PAIR)
    return terms


def _folded(text: str) -> list[str]:
    return ["".join(_WORD.findall(found.group())).casefold() for found in _ASKED.finditer(text)]


def _is_name(word: str, start: int) -> bool:
    """Whether a word is written like a name; the first letter of a text says nothing."""
    letters = word if start > 0 else word[1:]
    told = letters != letters.lower()
    return told and word.casefold() not in _UNTELLING and not _PERIOD_WORD.fullmatch(word.casefold())


def _words(text: str) -> list[str]:
    return list(map(str.casefold, _WORD.findall(_SEAM.sub(" ", text))))


def _terms(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words and pairs of neighbours written as one (`Best Buy`, `BESTBUY`): those of the beginning, and the others."""
    pairs = list(map(add, words, words[1:]))
    return [*words[:_HEAD_WORDS], *pairs[:_HEAD_WORDS]], [*words[_HEAD_WORDS:], *pairs[_HEAD_WORDS:]]


def _initials(words: Sequence[str]) -> Iterator[str]:
    """The first letters of runs of words that may be a name."""
    letters = "".join(
        (word[0] if len(word) > 2 and word.isalpha() else " ") for word in words if word not in _UNTELLING
    )
    for run in letters.split():
        for length in _ABBREVIATION:
            yield from (run[start : start + length] for start in range(len(run) - length + 1))
