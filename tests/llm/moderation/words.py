"""A detector that goes by words, for tests of what is done about findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llm.moderation.findings import Vector

# Word -> category and score.
WORDS = {
    "hate": ("S10", 0.9),
    "grumble": ("S10", 0.4),
    "bomb": ("S9", 0.9),
    "despair": ("S11", 0.9),
    "ballot": ("S13", 0.8),
}
CARD, EMAIL = "4111 1111 1111 1111", "ann@example.org"


@dataclass(frozen=True)
class Place:
    """Something in a text."""

    kind: str
    start: int
    end: int
    rule: str = ""
    category: str = ""


@dataclass(frozen=True)
class Found:
    """What the words in a text say."""

    score: float
    scores: Mapping[str, float]
    rules: Sequence[Place]
    pii: Sequence[Place]


class WordDetector:
    """Knows a few words, one rule, one card and one address; counts how often it is asked."""

    name = "words 1"
    thresholds: Mapping[str, float] = {"S10": 0.3, "S9": 0.5, "S11": 0.5, "S13": 0.5, "any": 0.95}
    longest_with_vector = 6_000

    def __init__(self) -> None:
        self.asked: list[tuple[str, Vector | None]] = []

    def detect(self, text: str, *, vector: Vector | None, closely: bool = False) -> Found:
        """Everything there is to find."""
        self.asked.append((text, vector))
        scores = dict.fromkeys(("S9", "S10", "S11", "S13"), 0.0)
        for word, (category, score) in WORDS.items():
            if word in text:
                scores[category] = max(scores[category], score)
        rules = [Place("", *_span(text, "recipe X"), rule="recipe", category="S9")] if "recipe X" in text else []
        pii = [Place(kind, *_span(text, what)) for kind, what in (("card", CARD), ("email", EMAIL)) if what in text]
        vague = 0.97 if "vague" in text else 0.0
        return Found(max(vague, *scores.values()), scores, rules, pii)


def _span(text: str, what: str) -> tuple[int, int]:
    start = text.index(what)
    return start, start + len(what)
