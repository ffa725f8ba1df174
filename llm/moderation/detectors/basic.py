"""The bundled detector: rules, the linear scorer and personal data. Cheap and everywhere, but of low assurance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from llm.moderation.detectors import pii, rules
from llm.moderation.detectors.pii import Span
from llm.moderation.detectors.rules import Match
from llm.moderation.detectors.scorer import Score, Scorer, load

Vector = NDArray[np.float32]
# The bundled embedder's vectors of some texts.
Embed = Callable[[Sequence[str]], Vector]

# The longest text that is scored at once; those that trained the scorer were no longer.
_AT_ONCE = 6_000
# Longer ones are cut into windows of about as much as the embedder reads, 256 tokens, ...
_WINDOW = 1_200
# ... of which so many are looked at, evenly spread, and the worst of these embedded.
_MOST_WINDOWS = 24
_MOST_EMBEDDED = 3
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
    """Loads its weights when first needed. Thread-safe.

    With `embed`, the suspicious parts of a long text get vectors of their own; without, only its beginning has one.
    """

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed = embed
        self._lock = Lock()
        self._scorer: Scorer | None = None

    @property
    def name(self) -> str:
        """With the version of the weights."""
        return f"basic-{self.scorer.version}"

    @property
    def thresholds(self) -> Mapping[str, float]:
        """From which score on each category, and `any`, counts: few harmless texts reach it."""
        return self.scorer.thresholds

    @property
    def scorer(self) -> Scorer:
        """The weights. Raises `Unavailable` when they cannot be read."""
        with self._lock:
            if self._scorer is None:
                self._scorer = load()
            return self._scorer

    def detect(self, text: str, *, vector: Vector | None) -> Findings:
        """Everything there is to find; `vector` is the bundled embedder's of the text, None where there is none."""
        scored = self._score(text, vector)
        matches = rules.find(text)
        scores = dict(scored.categories)
        for category in {match.category for match in matches}:
            scores[category] = _surer(scores.get(category, 0.0))
        return Findings(text, _surer(scored.anything) if matches else scored.anything, scores, matches)

    def _score(self, text: str, vector: Vector | None) -> Score:
        if not text or text.isspace():
            return Score(0.0, {})
        if len(text) <= _AT_ONCE:
            return self.scorer.score(text, vector)
        windows = _windows(text)
        scores = [self.scorer.score(windows[0], vector), *(self.scorer.score(window, None) for window in windows[1:])]
        if vector is not None and self._embed is not None:
            worst = sorted(range(1, len(windows)), key=lambda place: -scores[place].anything)[:_MOST_EMBEDDED]
            for place, found in zip(worst, self._embed([windows[place] for place in worst]), strict=True):
                scores[place] = self.scorer.score(windows[place], found)
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


def _windows(text: str) -> list[str]:
    count = min(_MOST_WINDOWS, -(-len(text) // _WINDOW))
    starts = np.linspace(0, len(text) - _WINDOW, count).astype(int)
    return [text[start : start + _WINDOW] for start in starts]
