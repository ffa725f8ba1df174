"""Which word of a passage stands for which word of a sentence: by their forms, else by their vectors in context."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from llm.verification.lexicon import word_set
from llm.verification.readings import Reading, Word
from llm.verification.spans import Part
from retrieval.embedders.protocol import Embedder, Vectors

# Cosines of words in context below the first say nothing; above the second the words mean the same.
_NOTHING, _SAME = 0.3, 0.75
_SAME_FORM = 0.92
_SAME_STEM = 5
_GRAM = 3
_LIKE = 0.5
# What stands before a word and makes another one of it.
_TURNING = word_set(
    "ver ent be zer er miss un ab an auf aus ein nicht in im ir il dis mis non anti re pre sub over under"
)
_MOST_KEPT = 1024  # about 25 KB each


@dataclass(frozen=True, slots=True)
class Aligned:
    """A word of a sentence with the word of a part that is nearest to it.

    `score` is 1 for the same word and 0 for none; `cosine` is that of both in their contexts.
    """

    word: Word
    partner: Word | None
    score: float
    cosine: float = 0.0


class PartVectors:
    """The vectors of the words of parts, embedded once for all sentences that are set against them."""

    def __init__(self, found: Sequence[Part], embedder: Embedder | None) -> None:
        """Without an embedder words are told by their forms alone."""
        self._embedder = embedder
        vectors = self.of([part.reading for part in found])
        self.by_part = {(part.passage, part.start): made for part, made in zip(found, vectors, strict=True)}

    def of(self, readings: Sequence[Reading]) -> list[Vectors]:
        """For each text the vectors of its words."""
        if self._embedder is None:
            return [np.zeros((len(reading.words), 0), np.float32) for reading in readings]
        name = self._embedder.name
        kept = {reading.text: _KEPT.get(name, reading.text) for reading in readings}
        known = {text: vectors for text, vectors in kept.items() if vectors is not None}
        new = list({reading.text: reading for reading in readings if reading.text not in known}.values())
        if new:
            made = _word_vectors([reading.text for reading in new], new, self._embedder)
            known.update({reading.text: vectors for reading, vectors in zip(new, made, strict=True)})
            for reading, vectors in zip(new, made, strict=True):
                _KEPT.put(name, reading.text, vectors)
        return [known[reading.text] for reading in readings]


class _Kept:
    """The vectors of the texts that were looked at last: the sentences of an answer rest on the same passages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._vectors: OrderedDict[tuple[str, str], NDArray[np.float16]] = OrderedDict()

    def get(self, name: str, text: str) -> Vectors | None:
        with self._lock:
            found = self._vectors.get((name, text))
            if found is None:
                return None
            self._vectors.move_to_end((name, text))
        return found.astype(np.float32)

    def put(self, name: str, text: str, vectors: Vectors) -> None:
        with self._lock:
            self._vectors[name, text] = vectors.astype(np.float16)
            if len(self._vectors) > self._most:
                self._vectors.popitem(last=False)


_KEPT = _Kept(_MOST_KEPT)


class Alignment:
    """The words of a sentence against those of parts of passages."""

    def __init__(self, sentence: Reading, vectors: PartVectors) -> None:
        self._sentence = sentence
        self._own = vectors.of([sentence])[0]
        self._of = vectors.by_part
        self._known: dict[tuple[int, int], list[Aligned]] = {}

    def with_part(self, part: Part) -> list[Aligned]:
        """For each content word of the sentence the nearest word of a part."""
        key = (part.passage, part.start)
        if key not in self._known:
            self._known[key] = self._align(part, self._of[key])
        return self._known[key]

    def with_parts(self, some: Sequence[Part]) -> list[Aligned]:
        """The same for several parts together."""
        each = [self.with_part(part) for part in some]
        return [max(row, key=lambda one: one.score) for row in zip(*each, strict=True)]

    def _align(self, part: Part, theirs: Vectors) -> list[Aligned]:
        candidates = part.reading.words
        said = self._sentence.content
        if not candidates or not said:
            return [Aligned(word, None, 0.0) for word in said]
        rows = [self._sentence.words.index(word) for word in said]
        told = self._own.shape[1] and theirs.shape[1]
        cosines = self._own[rows] @ theirs.T if told else np.zeros((len(said), len(candidates)), np.float32)
        scores = np.clip((cosines - _NOTHING) / (_SAME - _NOTHING), 0.0, _SAME_FORM)
        content = np.array([word.content for word in candidates])
        scores = np.where(content[None, :], scores, scores * 0.5)
        places: dict[str, list[int]] = {}
        for column, other in enumerate(candidates):
            places.setdefault(other.key, []).append(column)
        for row, word in enumerate(said):
            for key, columns in places.items():
                form = 1.0 if key == word.key else _alike(word.key, key)
                if form:
                    scores[row, columns] = np.maximum(scores[row, columns], form)
        best = scores.argmax(axis=1)
        return [
            Aligned(word, candidates[int(column)], float(scores[row, column]), float(cosines[row, column]))
            for row, (word, column) in enumerate(zip(said, best, strict=True))
        ]


def alike(word: Word, other: Word) -> float:
    """How much two words are the same by their letters: 1 for forms of one word."""
    if word.key == other.key or word.low == other.low:
        return 1.0
    return _alike(word.key, other.key)


@lru_cache(65536)
def _alike(one: str, other: str) -> float:
    if one[0] != other[0] and len(one) < _SAME_STEM + 3 and len(other) < _SAME_STEM + 3:
        return 0.0
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    shorter = min(len(one), len(other))
    if shared >= _SAME_STEM - 1 and shared >= 0.75 * shorter:
        return _SAME_FORM
    if shorter >= _SAME_STEM and (one in other or other in one):
        # Parts of compounds; but a seller is no buyer, though `Verkäufer` ends with `Käufer`.
        longer = max(one, other, key=len)
        return 0.0 if longer[: len(longer) - shorter] in _TURNING else _SAME_FORM - 0.1
    if shorter < _SAME_STEM:
        return 0.0
    mine, theirs = _grams(one), _grams(other)
    like = 2 * len(mine & theirs) / (len(mine) + len(theirs))
    return like if like >= _LIKE else 0.0


@lru_cache(16384)
def _grams(word: str) -> frozenset[str]:
    return frozenset(word[i : i + _GRAM] for i in range(len(word) - _GRAM + 1))


def _word_vectors(texts: Sequence[str], readings: Sequence[Reading], embedder: Embedder) -> list[Vectors]:
    """For each text the unit vectors of its words, each the mean of its tokens; rows of zeros beyond the window."""
    tokens: dict[int, Vectors] = {}

    def keep(place: int, vectors: Vectors) -> None:
        tokens[place] = np.array(vectors, np.float32)  # the model reuses its memory

    embedder.embed_passages(texts, take_tokens=keep)
    places = embedder.token_spans(texts) if tokens else []
    return [
        _of_words(reading.words, tokens[number], places[number])
        if number in tokens
        else np.zeros((len(reading.words), 0), np.float32)
        for number, reading in enumerate(readings)
    ]


def _of_words(words: Sequence[Word], tokens: Vectors, places: Sequence[tuple[int, int]]) -> Vectors:
    made: NDArray[np.float32] = np.zeros((len(words), tokens.shape[1]), np.float32)
    place = 0
    spans = places[: len(tokens)]
    for number, word in enumerate(words):
        while place < len(spans) and spans[place][1] <= word.start:
            place += 1
        last = place
        while last < len(spans) and spans[last][0] < word.end:
            last += 1
        if last > place:
            made[number] = tokens[place:last].mean(axis=0)
    norms = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made / np.maximum(norms, 1e-9), np.float32)
