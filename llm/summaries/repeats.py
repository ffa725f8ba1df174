"""Which statements say what was said before, by their words and by their vectors."""

from collections.abc import Sequence

from llm.summaries.sentences import folded
from retrieval.embedders.protocol import Vectors

# Shares of words, and a cosine, from which on two sentences say the same but for figures and names.
_SAME_WORDS, _SAME_PART, _SAME_MEANING = 0.6, 0.85, 0.86
_FEWEST_WORDS = 5


class Said:
    """What has been said so far: texts with their vectors, where these are known.

    With `figures`, what has other figures is something else.
    """

    def __init__(self, *, figures: bool = False) -> None:
        self._figures = figures
        self._words: list[frozenset[str]] = []
        self._vectors: list[Vectors | None] = []

    def add(self, text: str, vector: Vectors | None = None) -> None:
        """Remember a statement."""
        self._words.append(_words(text))
        self._vectors.append(vector)

    def repeats(self, text: str, vector: Vectors | None = None) -> int | None:
        """The number of the statement, from 0, that says this already; None for something new."""
        words = _words(text)
        for number, (known, other) in enumerate(zip(self._words, self._vectors, strict=True)):
            if self._figures and _figures(words) != _figures(known):
                continue
            if _same(words, known) or (vector is not None and other is not None and vector @ other > _SAME_MEANING):
                return number
        return None


def without_repeats(texts: Sequence[str], *, figures: bool = False) -> list[int]:
    """The numbers of the texts that say something new, the first of each kind."""
    said, kept = Said(figures=figures), []
    for number, text in enumerate(texts):
        if said.repeats(text) is None:
            said.add(text)
            kept.append(number)
    return kept


def _words(text: str) -> frozenset[str]:
    return frozenset(folded(text).split())


def _figures(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if any(c.isdigit() for c in word))


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    if not one or not other:
        return False
    shared = len(one & other)
    if one == other or shared / len(one | other) >= _SAME_WORDS:
        return True
    fewer = min(len(one), len(other))
    return fewer >= _FEWEST_WORDS and shared / fewer >= _SAME_PART
