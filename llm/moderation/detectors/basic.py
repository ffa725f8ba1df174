"""The bundled detector: rules, the linear scorer and personal data. Cheap and everywhere, but of low assurance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from llm.moderation.detectors import pii, rules
from llm.moderation.detectors.features import FROM_START, Ints, Text
from llm.moderation.detectors.folding import skeleton
from llm.moderation.detectors.pii import Span
from llm.moderation.detectors.rules import Match
from llm.moderation.detectors.scorer import Score, Scorer, load

Vector = NDArray[np.float32]
# Changes with what makes the same weights score a text otherwise: decisions say by which of them they were made.
_APPLIED = 2
# The longest text that is scored as a whole; those that trained the scorer were no longer.
_WHOLE = 6_000
# A few sentences drown in a longer text, so its parts are scored as well: windows of this length, which overlap by half
# as long as that takes no more than so many, and are evenly spread. Vectors of their own would find no more
# (docs/decisions/0017).
_WINDOW = 300
_STEP = 150
_MOST_WINDOWS = 96
# What is left of a text's chance to be harmless where a rule fits: rules are wrong in about one of ten.
_DOUBT = 0.1


@dataclass(frozen=True)
class Findings:
    """What was found in a text. Where a rule fits, its category and the whole score little short of certain."""

    text: str
    score: float
    scores: Mapping[str, float]
    rules: Sequence[Match] = ()

    @cached_property
    def pii(self) -> Sequence[Span]:
        """Looked for only where somebody asks: of passages it is known already."""
        return pii.find(self.text)


class BasicDetector:
    """Loads its weights when first needed. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scorer: Scorer | None = None

    @property
    def name(self) -> str:
        """With the version of the weights, and of how they are applied to a text."""
        return f"basic-{self.scorer.version}.{_APPLIED}"

    @property
    def thresholds(self) -> Mapping[str, float]:
        """From which score on each category, and `any`, counts: few harmless texts reach it."""
        return self.scorer.thresholds

    @property
    def longest_with_vector(self) -> int:
        """As many characters as are scored as a whole."""
        return _WHOLE

    @property
    def scorer(self) -> Scorer:
        """The weights. Raises `Unavailable` when they cannot be read."""
        with self._lock:
            if self._scorer is None:
                self._scorer = load()
            return self._scorer

    def detect(self, text: str, *, vector: Vector | None, closely: bool = False) -> Findings:
        """Everything there is to find; `vector` is the bundled embedder's of the text, None where there is none.

        `closely` scores the parts of a text as well, as is always done where it is too long to be scored as a whole.
        """
        folded = skeleton(text)
        scored = self._score(folded.text.strip(), vector, closely=closely)
        matches = rules.find_in(folded)
        scores = dict(scored.categories)
        for category in {match.category for match in matches}:
            scores[category] = _surer(scores.get(category, 0.0))
        return Findings(text, _surer(scored.anything) if matches else scored.anything, scores, matches)

    def _score(self, plain: str, vector: Vector | None, *, closely: bool) -> Score:
        if not plain:
            return Score(0.0, {})
        scores, text = [], None
        if len(plain) <= _WHOLE:
            text = Text(plain)
            scores.append(self.scorer.worst(text, FROM_START, len(plain), vector))
        if len(plain) > (2 * _WINDOW if closely else _WHOLE):
            scores.append(self.scorer.worst(*_windows(plain, text), _WINDOW))
        return Score(
            max(score.anything for score in scores),
            {category: max(score.categories[category] for score in scores) for category in scores[0].categories},
        )


def _surer(chance: float) -> float:
    """With a rule beside it. It keeps the order in which the scorer puts texts."""
    return 1 - _DOUBT * (1 - chance)


def detect(text: str, *, vector: Vector | None) -> Findings:
    """What the one detector of this process finds, which has no embedder of its own."""
    return _shared().detect(text, vector=vector)


@cache
def _shared() -> BasicDetector:
    return BasicDetector()


def _windows(plain: str, text: Text | None) -> tuple[Text, Ints]:
    """Where they start in a text, which is made of them alone where much lies between. `text` is of all of it."""
    count = min(_MOST_WINDOWS, 1 + -(-(len(plain) - _WINDOW) // _STEP))
    starts = np.linspace(0, len(plain) - _WINDOW, count).astype(np.int64)
    if text or starts[1] <= _WINDOW:
        return text or Text(plain), starts
    return Text(" ".join(plain[start : start + _WINDOW] for start in starts)), np.arange(count) * (_WINDOW + 1)
