"""What the scorer sees of a text: hashed pieces of its folded form, counts of words by theme, nearness of its vector.

Training and scoring share this module; a change here makes a trained model worthless, which `VERSION` says.
"""

import re
from collections.abc import Mapping, Sequence
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
_WORD = re.compile(r"\w+")
_MULTIPLIER = np.uint32(0x9E3779B1)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A sparse vector over `BUCKETS`: which ones, and how often (1 + ln n)."""

    buckets: Ints
    counts: Floats


def folded(text: str) -> str:
    """The text as the features are taken from it."""
    return skeleton(text).text.strip()


def pieces(plain: str) -> Pieces:
    """Of a folded text. No piece and no word is looked up: each is a bucket that several may share."""
    codes = np.frombuffer(f" {plain} ".encode("utf-32-le", "surrogatepass"), np.uint32)
    hashed = [_hashed(codes, size) for size in SIZES if len(codes) >= size]
    words = np.fromiter(map(_word_bucket, _WORD.findall(plain)), np.int64)
    buckets, counts = np.unique(np.concatenate([*hashed, words]), return_counts=True)
    return Pieces(buckets, 1 + np.log(counts, dtype=np.float32))


def _hashed(codes: NDArray[np.uint32], size: int) -> Ints:
    count = len(codes) - size + 1
    sums = np.full(count, size, np.uint32)
    for offset in range(size):
        sums = (sums ^ codes[offset : offset + count]) * _MULTIPLIER
        sums ^= sums >> np.uint32(15)
    return (sums >> np.uint32(32 - PIECE_BITS)).astype(np.int64)


@lru_cache(maxsize=50_000)
def _word_bucket(word: str) -> int:
    return (1 << PIECE_BITS) + (crc32(word.encode("utf-8", "surrogatepass")) >> (32 - WORD_BITS))


def weighed(found: Pieces, rarity: Floats) -> Floats:
    """Its counts times rarity; pieces and words each scaled to a length of their own."""
    values = found.counts * rarity[found.buckets]
    is_word = found.buckets >= 1 << PIECE_BITS
    for part, length in ((~is_word, 1.0), (is_word, _WORDS)):
        values[part] *= length / max(float(np.linalg.norm(values[part])), 1e-9)
    return values


def themes(plain: str) -> Floats:
    """For each theme whether it occurs, how often (ln (1 + n)), and its share of the words."""
    words = _WORD.findall(plain)
    counts = dict.fromkeys(THEMES, 0)
    for word in words:
        for name in _themes_of(word):
            counts[name] += 1
    for match in _COMPARISON.finditer(plain):
        around = plain[max(0, match.start() - _CLOSE) : match.end() + _CLOSE]
        counts["slurs"] += _AIMED.search(around) is not None
    for name, phrases in _PHRASES.items():
        counts[name] += len(phrases.findall(plain))
    found = np.array(list(counts.values()), np.float32)
    share = np.minimum(1, 8 * found / max(_SHORTEST, len(words)))
    return np.concatenate([found > 0, np.log1p(found), share]).astype(np.float32)


@lru_cache(maxsize=50_000)
def _themes_of(word: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in _SINGLE.items() if pattern.fullmatch(word))


def nearness(vector: Floats, landmarks: Floats) -> Floats:
    """How near a unit vector is to each landmark: exp(-d²), as a Gaussian kernel has it."""
    gaps = 1 + np.einsum("ij,ij->i", landmarks, landmarks) - 2 * landmarks @ vector
    return np.asarray(np.exp(-gaps), np.float32)


def _compiled(parts: Mapping[str, Sequence[str]]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile("|".join(part)) for name, part in parts.items() if part}


_SINGLE = _compiled({name: [part for part in parts if " " not in part] for name, parts in THEMES.items()})
_COMPARISON = re.compile(rf"\b(?:{COMPARISONS})\b")
_AIMED = re.compile("|".join(rf"\b(?:{part})\b" for name in AIMED for part in THEMES[name]))
_PHRASES = _compiled({name: [rf"\b{part}\b" for part in parts if " " in part] for name, parts in THEMES.items()})
