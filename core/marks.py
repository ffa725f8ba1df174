"""What is pointed out in passages: facts that were found when they were read. What is done about them is policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# A passage that talks to a language model instead of to a reader.
INSTRUCTIONS = "instructions"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something in a passage: `start:end` are its characters there, `signals` say what speaks for it.

    `score` (0 to 1) says how surely it is what `kind` says.
    """

    kind: str
    score: float
    start: int
    end: int
    signals: tuple[str, ...] = ()


def marks_stored(marks: Sequence[Mark] | None) -> list[list[Any]] | None:
    """Marks as they are stored; None where nobody has looked."""
    return None if marks is None else [[m.kind, m.score, m.start, m.end, list(m.signals)] for m in marks]


def marks_read(stored: Sequence[Sequence[Any]] | None) -> tuple[Mark, ...] | None:
    """The same, read again."""
    if stored is None:
        return None
    return tuple(Mark(kind, score, start, end, tuple(signals)) for kind, score, start, end, signals in stored)
