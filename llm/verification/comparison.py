"""A sentence set against the span that it may rest on: what all checks look at, and what they report."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from llm.verification.alignment import Aligned
from llm.verification.readings import Reading, Word
from llm.verification.spans import Span

# From here on a word of the span is taken to stand for one of the sentence.
STANDS_FOR = 0.55
# Of words that are there more often no more are compared.
_MOST_SAME = 12
_SEVERAL = 3


class Reason(StrEnum):
    """Why a verdict is what it is; stable codes, translated where they are shown."""

    VERBATIM = "verbatim"
    FACTS_AGREE = "facts_agree"
    NUMBER = "number"
    UNIT = "unit"
    SCALE = "scale"
    DATE = "date"
    NAME = "name"
    ROLE = "role"
    NEGATION = "negation"
    DIRECTION = "direction"
    QUANTIFIER = "quantifier"
    NOT_FOUND = "not_found"
    PARTLY_FOUND = "partly_found"
    ANOTHER_LANGUAGE = "another_language"
    MODEL = "model"


@dataclass(frozen=True)
class Comparison:
    """A sentence and a span; `passage` is the whole passage, `around` further text that tells its subject."""

    said: Reading
    span: Span
    aligned: Sequence[Aligned]
    passage: Reading
    around: Reading

    @property
    def written(self) -> Reading:
        """The text of the span."""
        return self.span.reading

    @cached_property
    def coverage(self) -> float:
        """How much of the sentence's words the span has, from 0 to 1."""
        return sum(one.score for one in self.aligned) / len(self.aligned) if self.aligned else 1.0

    @cached_property
    def weakest(self) -> float:
        """The coverage of the clause of the sentence that has the least, of those with three words or more."""
        scores: dict[int, list[float]] = {}
        for one in self.aligned:
            scores.setdefault(one.word.segment, []).append(one.score)
        return min((sum(some) / len(some) for some in scores.values() if len(some) >= _SEVERAL), default=1.0)

    @cached_property
    def partners(self) -> dict[int, tuple[Word, float]]:
        """For the start of a content word of the sentence the word of the span that stands for it, where one does."""
        at = {word.start: word for word in self.written.words}
        offsets = {(part.passage, part.start): part.start - self.span.start for part in self.span.parts}
        found: dict[int, tuple[Word, float]] = {}
        for one in self.aligned:
            if one.partner is None or one.score < STANDS_FOR:
                continue
            words = [at[place] for shift in offsets.values() if (place := one.partner.start + shift) in at]
            word = next((word for word in words if word.low == one.partner.low), None)
            if word is not None:
                found[one.word.start] = (self._of_same(one.word, word), one.score)
        return found

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """For each key of the span the numbers of its words."""
        found: dict[str, list[int]] = {}
        for place, word in enumerate(self.written.words):
            found.setdefault(word.key, []).append(place)
        return found

    def _of_same(self, word: Word, partner: Word) -> Word:
        """Of several words of one key the one whose neighbours are those of the sentence's word."""
        places = self._places.get(partner.key, [])[:_MOST_SAME]
        if len(places) < 2:  # nothing to choose
            return partner
        words = self.written.words
        ranked = sorted(places, key=lambda place: -self._likeness(word, place))
        best = [place for place in places if self._likeness(word, place) == self._likeness(word, ranked[0])]
        return partner if any(words[place] is partner for place in best) else words[best[0]]

    def is_certain(self, word: Word) -> bool:
        """Whether only one word of the span can stand for a word: its key is there once, or its neighbours tell."""
        partner = self.partners[word.start][0]
        places = self._places.get(partner.key, [])[:_MOST_SAME]
        if len(places) < 2:  # there is no other
            return True
        scores = sorted(self._likeness(word, place) for place in places)
        return scores[-1] > scores[-2]

    def _likeness(self, word: Word, place: int) -> float:
        words, own = self.written.words, self._numbers[word.start]
        near = {
            other.key for other in self.said.words[max(0, own - 2) : own + 3] if other.content and other is not word
        }
        here = {other.key for other in words[max(0, place - 2) : place + 3] if other.content}
        return len(near & here) + 0.5 * (words[place].low == word.low)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {word.start: place for place, word in enumerate(self.said.words)}

    @cached_property
    def sources(self) -> dict[int, Word]:
        """For the start of a word of the span the word of the sentence that it stands for best."""
        best: dict[int, tuple[float, Word]] = {}
        by_start = {word.start: word for word in self.said.words}
        for start, (word, score) in self.partners.items():
            if score > best.get(word.start, (0.0, word))[0]:
                best[word.start] = (score, by_start[start])
        return {start: word for start, (_, word) in best.items()}

    def partner(self, word: Word) -> Word | None:
        """The word of the span that stands for a content word of the sentence."""
        found = self.partners.get(word.start)
        return found[0] if found is not None else None
