"""The parts of passages that a sentence may rest on: one or two neighbouring sentences, or a row of a table.

Of long passages only the parts that share most words with the sentence are looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from llm.units import units
from llm.verification.readings import Reading, read

_LONGEST = 100_000
_MOST_EACH = 24
_MOST, _MOST_FOR_LONG = 48, 12
_USUAL = 600
_ALIKE = 5
_TOKEN = re.compile(r"[^\W_]+")
_MOST_UNIT = 1500


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence or row at `start:end` of passage number `passage`, counted from 0; `place` is its number there."""

    passage: int
    place: int
    start: int
    end: int
    row: bool
    reading: Reading


@dataclass(frozen=True, slots=True)
class Span:
    """One part, or two that follow each other."""

    parts: tuple[Part, ...]
    reading: Reading

    @property
    def passage(self) -> int:
        """The number of the passage, from 0."""
        return self.parts[0].passage

    @property
    def start(self) -> int:
        """Where it begins in the passage."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Where it ends in the passage."""
        return self.parts[-1].end


def parts(sentence: Reading, passages: Sequence[str]) -> list[Part]:
    """The parts of passages that may matter, in their order; at most 48 in all."""
    wanted = {token[:_ALIKE].lower() for token in _TOKEN.findall(sentence.text)}
    found: list[tuple[float, Part]] = []
    for number, passage in enumerate(passages):
        text = passage[:_LONGEST]
        each = []
        for place, unit in enumerate(units(text)):
            # A table without any row, or a text without any full stop, is one unit however long it is.
            for start in range(unit.start, unit.end, _MOST_UNIT):
                end = min(unit.end, start + _MOST_UNIT)
                tokens = {token[:_ALIKE].lower() for token in _TOKEN.findall(text[start:end])}
                shared = len(wanted & tokens) / (3 + len(tokens)) ** 0.5
                each.append((shared, number, place, start, end, unit.row))
        kept = sorted(each, reverse=True)[:_MOST_EACH] if len(each) > _MOST_EACH else each
        found += [(one[0], Part(*one[1:], read(text[one[3] : one[4]]))) for one in kept]
    most = _MOST if len(sentence.text) <= _USUAL else _MOST_FOR_LONG
    if len(found) > most:
        found = sorted(found, key=lambda one: -one[0])[:most]
    return sorted((part for _, part in found), key=lambda part: (part.passage, part.start))


def spans(found: Sequence[Part], passages: Sequence[str]) -> list[Span]:
    """Every part by itself, and every two neighbours."""
    singles = [Span((part,), part.reading) for part in found]
    pairs = [
        Span((one, other), read(passages[one.passage][one.start : other.end]))
        for one, other in pairwise(found)
        if one.passage == other.passage and other.place - one.place <= 1
    ]
    return singles + pairs
