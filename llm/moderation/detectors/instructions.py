"""Passages that talk to a language model instead of to a reader: orders, made-up turns, calls of tools.

Each signal is a wording that says something by itself; those that stand close together are weighed together. Texts
*about* such orders, which quote them, do not count. It sees what is written openly; whoever knows it gets around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.marks import INSTRUCTIONS, Mark
from llm.moderation.detectors.folding import Folded, skeleton
from llm.moderation.detectors.rules import near
from llm.moderation.detectors.signals import SIGNALS, Signal

NAME = "instructions-1"
# From this score on a text counts: one strong signal, or two that are hardly found together elsewhere.
THRESHOLD = 0.7
# Signals further apart have nothing to do with each other.
_TOGETHER = 300
# How far around a signal the words may stand that show that it is only spoken of.
_AROUND = 240


@dataclass(frozen=True, slots=True)
class Instruction:
    """A place that talks to a model: `start:end` are characters of the original text, `signals` say what speaks for "
    "it."""

    start: int
    end: int
    score: float
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    name: str
    weight: float
    start: int
    end: int


# Words that show that a text is about such orders.
_ABOUT = re.compile(
    r"\b(?:prompt[- ]?injections?|injections?|injected|jail ?break\w*|attack\w*|adversar\w*|malicious\w*|"
    r"vulnerab\w*|red[- ]team\w*|owasp|phishing|threats?|hackers?|angriff\w*|angreif\w*|schadlich\w*|bosartig\w*|"
    r"manipul\w*|beispiel\w*|examples?|such as|like)\b"
)
# ... which stand in quotation marks there, or after a word that says that somebody else would say so.
_MENTIONED = re.compile(
    r"(?:[\"'`(] ?|\b(?:such as|like|saying|says|said|e\.g\.,?|read(?:s|ing)?|write|type|enter|phrases?|wie|etwa|"
    r"lautet|z\. ?b\.|attempts? to|tr(?:y|ies|ying) to|asks?(?: \w+)* to|tells?(?: \w+)* to|told(?: \w+)* to|"
    r"instruct\w*(?: \w+)* to|(?:a |the )?model (?:to|into) (?:\w+ )?) ?)$"
)
_BEFORE_IT = 40
# Of the sentence before.
_ENDS = " .!?:;>)]}*"


def find(text: str) -> list[Instruction]:
    """The places of a text that talk to a model, in order; they do not overlap."""
    folded = skeleton(text)
    letters = frozenset(folded.text)
    found = (match for signal in SIGNALS for match in _of(signal, folded.text, letters))
    matches = sorted(found, key=lambda match: match.start)
    return [_placed(folded, group) for group in _groups(matches) if _score(group) >= THRESHOLD]


def marks(text: str) -> tuple[Mark, ...]:
    """The same as marks of a passage."""
    return tuple(Mark(INSTRUCTIONS, one.score, one.start, one.end, one.signals) for one in find(text))


def score(text: str) -> float:
    """How surely a text as a whole talks to a model: 0 for no sign of it."""
    return max((one.score for one in find(text)), default=0.0)


def _of(signal: Signal, text: str, letters: frozenset[str]) -> Iterator[_Match]:
    for start, end in near(signal.anchors, text, letters):
        for match in signal.wording.finditer(text, start, end):
            begins = match.end() - len(match[0].lstrip(_ENDS))
            if signal.quotable and _is_mentioned(text, begins, match.end()):
                continue
            yield _Match(signal.name, signal.weight, begins, match.end())


def _is_mentioned(text: str, start: int, end: int) -> bool:
    """Whether the text only speaks of the wording: it is quoted, in a text about such things."""
    lead = text[max(0, start - _BEFORE_IT) : start + 1]
    opened = text[start] in "\"'`(" or _MENTIONED.search(lead[:-1]) is not None
    return opened and _ABOUT.search(text, max(0, start - _AROUND), end + _AROUND) is not None


def _groups(matches: Sequence[_Match]) -> Iterator[list[_Match]]:
    group: list[_Match] = []
    reached = 0
    for match in matches:
        if group and match.start - reached > _TOGETHER:
            yield group
            group, reached = [], 0
        group.append(match)
        reached = max(reached, match.end)
    if group:
        yield group


def _score(group: Sequence[_Match]) -> float:
    """What the signals of a group say together, each kind once."""
    doubt = 1.0
    for weight in {match.name: match.weight for match in sorted(group, key=lambda match: match.weight)}.values():
        doubt *= 1 - weight
    return 1 - doubt


def _placed(folded: Folded, group: Sequence[_Match]) -> Instruction:
    start, end = folded.original(min(match.start for match in group), max(match.end for match in group))
    return Instruction(start, end, round(_score(group), 3), tuple(sorted({match.name for match in group})))
