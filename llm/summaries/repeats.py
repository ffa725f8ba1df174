"""Which statements say what was said before, by their words and by their vectors."""

from collections.abc import Sequence

import numpy as np

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

    def nearest(self, vector: Vectors) -> float:
        """The largest cosine with anything said; 0 at the beginning."""
        known = [other for other in self._vectors if other is not None]
        return float(max(np.stack(known) @ vector)) if known else 0.0


def without_repeats(texts: Sequence[str], vectors: Vectors | None = None) -> list[int]:
    """The numbers of the texts that say something new, the first of each kind."""
    said, kept = Said(), []
    for number, text in enumerate(texts):
        vector = vectors[number] if vectors is not None else None
        if said.repeats(text, vector) is None:
            said.add(text, vector)
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
