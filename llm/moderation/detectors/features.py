"""What the scorer sees of a text: hashed pieces of its folded form, counts of words by theme, nearness of its vector.

Training and scoring share this module; a change here makes a trained model worthless, which `VERSION` says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from llm.moderation.detectors.folding import skeleton
from llm.moderation.detectors.themes import AIMED, COMPARISONS, THEMES

VERSION = 2
# Pieces of 3 to 6 characters share the first buckets, words the ones after them.
SIZES = (3, 4, 5, 6)
PIECE_BITS, WORD_BITS = 15, 13
BUCKETS = (1 << PIECE_BITS) + (1 << WORD_BITS)
THEME_FEATURES = 3 * len(THEMES)
# Weight of words beside pieces of words.
_WORDS = 0.7
# So many characters before and after may stand what a word is said of.
_CLOSE = 40
# About the length that a text must have for a share of its words to mean something.
_SHORTEST = 5
# Bits that a bucket takes in a key of row and bucket.
_ROW = 16
# Where a part starts that is the whole text.
FROM_START: NDArray[np.int64] = np.zeros(1, np.int64)
_WORD = re.compile(r"\w+")
_MULTIPLIER = np.uint32(0x9E3779B1)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Sparse rows over `BUCKETS`: which ones, ascending within each row, and how often (1 + ln n).

    Row i ends before `ends[i]`.
    """

    buckets: Ints
    counts: Floats
    ends: Ints


class Text:
    """A folded text. What there is in it is found once, however many parts of it are then looked at.

    Parts are given as where they start, all of them of the same length. A word belongs to the part that it starts in.
    """

    def __init__(self, plain: str) -> None:
        codes = np.frombuffer(f" {plain} ".encode("utf-32-le", "surrogatepass"), np.uint32)
        words = [(match.start(), match[0]) for match in _WORD.finditer(plain)]
        hits = sorted(_theme_hits(plain, words))
        self._hashed = _hashed(codes)
        self._word_places = np.array([place for place, _word in words], np.int64)
        self._word_buckets = np.array([_word_bucket(word) for _place, word in words], np.uint16)
        self._hit_places = np.array([place for place, _theme in hits], np.int64)
        self._hit_themes = np.array([theme for _place, theme in hits], np.int64)

    def pieces(self, starts: Ints, length: int) -> Pieces:
        """A row for each part. No piece and no word is looked up: each is a bucket that several may share."""
        # With the blanks, or other characters, around the part.
        pieces = [
            hashed[starts[:, None] + np.arange(max(0, length + 3 - size))]
            for size, hashed in zip(SIZES, self._hashed, strict=True)
        ]
        words = [self._word_buckets[first:last] for first, last in _between(self._word_places, starts, length)]
        # Sorting a row of small numbers is several times cheaper than all rows at once.
        rows = [np.sort(np.concatenate(row)) for row in zip(*pieces, words, strict=True)]
        numbers = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        keys = (numbers << _ROW) + np.concatenate(rows)
        bounds = np.flatnonzero(np.concatenate([[len(keys) > 0], keys[1:] != keys[:-1], [True]]))
        found, counts = keys[bounds[:-1]], bounds[1:] - bounds[:-1]
        ends = np.searchsorted(found, np.arange(1, len(rows) + 1) << _ROW)
        return Pieces(found & ((1 << _ROW) - 1), 1 + np.log(counts, dtype=np.float32), ends)

    def themes(self, starts: Ints, length: int) -> Floats:
        """Whether each theme occurs, how often (ln (1 + n)), and its share of the words: (parts, `THEME_FEATURES`)."""
        hits = _between(self._hit_places, starts, length)
        found = np.array([np.bincount(self._hit_themes[first:last], minlength=len(THEMES)) for first, last in hits])
        words = [max(_SHORTEST, last - first) for first, last in _between(self._word_places, starts, length)]
        share = np.minimum(1, 8 * found / np.array(words)[:, None])
        return np.asarray(np.concatenate([found > 0, np.log1p(found), share], axis=1), np.float32)


def _between(places: Ints, starts: Ints, length: int) -> list[tuple[int, int]]:
    """Which of the places, ascending, each part has: the first one, and one after the last."""
    bounds = (np.searchsorted(places, bound).tolist() for bound in (starts, starts + length))
    return list(zip(*bounds, strict=True))


def folded(text: str) -> str:
    """The text as the features are taken from it."""
    return skeleton(text).text.strip()


def _hashed(codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Buckets of the pieces at each place, a row for each size; the last ones of a row reach beyond the text."""
    count = len(codes)
    codes = np.concatenate([codes, np.zeros(SIZES[-1], np.uint32)])
    sums = np.repeat(np.array(SIZES, np.uint32)[:, None], count, axis=1)
    for offset in range(SIZES[-1]):
        longer = sums[sum(size <= offset for size in SIZES) :]
        longer ^= codes[offset : offset + count]
        longer *= _MULTIPLIER
        longer ^= longer >> np.uint32(15)
    return (sums >> np.uint32(32 - PIECE_BITS)).astype(np.uint16)


@lru_cache(maxsize=50_000)
def _word_bucket(word: str) -> int:
    return (1 << PIECE_BITS) + (crc32(word.encode("utf-8", "surrogatepass")) >> (32 - WORD_BITS))


def weighed(found: Pieces, rarity: Floats) -> Floats:
    """Its counts times rarity; pieces and words of each row scaled to a length of their own."""
    values = found.counts * rarity[found.buckets]
    kinds = 2 * np.repeat(np.arange(len(found.ends)), np.diff(found.ends, prepend=0)) + (found.buckets >> PIECE_BITS)
    lengths = np.sqrt(np.bincount(kinds, values * values, 2 * len(found.ends)))
    scales = np.tile([1.0, _WORDS], len(found.ends)) / np.maximum(lengths, 1e-9)
    return values * scales.astype(np.float32)[kinds]


def _theme_hits(plain: str, words: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """Where something of a theme stands, and the number of the theme."""
    for place, word in words:
        for theme in _themes_of(word):
            yield place, theme
    for match in _COMPARISON.finditer(plain):
        around = plain[max(0, match.start() - _CLOSE) : match.end() + _CLOSE]
        if _AIMED.search(around):
            yield match.start(), _SLURS
    for theme, phrases in _PHRASES.items():
        for match in phrases.finditer(plain):
            yield match.start(), theme


@lru_cache(maxsize=50_000)
def _themes_of(word: str) -> tuple[int, ...]:
    return tuple(theme for theme, pattern in _SINGLE.items() if pattern.fullmatch(word))


def nearness(vector: Floats, landmarks: Floats) -> Floats:
    """How near a unit vector is to each landmark: exp(-d²), as a Gaussian kernel has it."""
    gaps = 1 + np.einsum("ij,ij->i", landmarks, landmarks) - 2 * landmarks @ vector
    return np.asarray(np.exp(-gaps), np.float32)


def _whole_words(parts: Iterable[str]) -> re.Pattern[str]:
    """Looks back from behind the first character, which a search can skip to."""
    split = (re.fullmatch(r"(\\?.)(.*)", part) for part in parts)
    return re.compile("|".join(rf"{found[1]}(?<!\w.){found[2]}\b" for found in split if found))


# By number of the theme.
_SINGLE = {
    number: re.compile("|".join(part for part in parts if " " not in part))
    for number, parts in enumerate(THEMES.values())
}
_PHRASES = {
    number: _whole_words(part for part in parts if " " in part)
    for number, parts in enumerate(THEMES.values())
    if any(" " in part for part in parts)
}
_SLURS = list(THEMES).index("slurs")
_COMPARISON = _whole_words(COMPARISONS.split("|"))
_AIMED = re.compile("|".join(rf"\b(?:{part})\b" for name in AIMED for part in THEMES[name]))
