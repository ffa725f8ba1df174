"""What detectors and guards are to a moderator. They are modules of their own beside this one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable

Vector = NDArray[np.float32]


class Span(Protocol):
    """Personal data in a text: `start:end` are its characters."""

    @property
    def kind(self) -> str:
        """A key of `categories.PII_KINDS`."""
        ...

    @property
    def start(self) -> int:
        """The first character."""
        ...

    @property
    def end(self) -> int:
        """The one after the last."""
        ...


class Match(Protocol):
    """A rule that fits: `start:end` are the characters that it is about."""

    @property
    def rule(self) -> str:
        """The name of the rule."""
        ...

    @property
    def category(self) -> str:
        """A key of `categories.CATEGORIES`."""
        ...

    @property
    def start(self) -> int:
        """The first character."""
        ...

    @property
    def end(self) -> int:
        """The one after the last."""
        ...


class Findings(Protocol):
    """What a detector says about a text."""

    @property
    def score(self) -> float:
        """The probability that anything is wrong."""
        ...

    @property
    def scores(self) -> Mapping[str, float]:
        """The probability of each category that the detector knows."""
        ...

    @property
    def rules(self) -> Sequence[Match]:
        """The rules that fit; they need no score beside them."""
        ...

    @property
    def pii(self) -> Sequence[Span]:
        """Personal data, by place."""
        ...


class Detector(Protocol):
    """Looks for harm and personal data in a text, on this machine and within milliseconds. Thread-safe."""

    @property
    def name(self) -> str:
        """With the version; recorded with each decision."""
        ...

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The score of each category from which on it counts, where the policy says nothing else."""
        ...

    @property
    def longest_with_vector(self) -> int:
        """The vector of a text of more characters makes no difference."""
        ...

    def detect(self, text: str, *, vector: Vector | None, closely: bool = False) -> Findings:
        """Everything there is to find; `vector` is the bundled embedder's of the text, None where there is none.

        `closely` says that it is worth more time to find what stands somewhere in a long text.
        """
        ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a guard says: the probability that it is unsafe, and of which categories."""

    score: float
    categories: tuple[str, ...] = ()


class GuardFault(Unavailable):
    """A guard is away, slow, or says what nobody can read; `kind` is one word for the metrics."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class Guard(Protocol):
    """A model that judges a question, or an answer to it. It may be slow, away or unreadable: then it raises."""

    @property
    def name(self) -> str:
        """With the version; recorded with each decision."""
        ...

    def judge(self, question: str, answer: str | None) -> Opinion:
        """What it says about the answer, or about the question alone where there is none."""
        ...
