"""Blackens places in a text: personal data by what it is, everything else as removed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from llm.moderation.judging import Blot

REMOVED = "[removed]"


class Redactor:
    """Blackens in one style; as pseudonyms, the same data has the same number as long as the redactor lives."""

    def __init__(self, style: Literal["mask", "pseudonymise"]) -> None:
        self._style = style
        self._numbers: dict[str, dict[str, int]] = defaultdict(dict)

    def redact(self, text: str, blots: Sequence[Blot]) -> str:
        """The text with its blots blackened; where they overlap, the first one names what stood there."""
        parts: list[str] = []
        done = 0
        for blot in sorted(blots, key=lambda blot: (blot.start, -blot.end)):
            if blot.start >= done:
                parts += [text[done : blot.start], self._name(blot.label, text[blot.start : blot.end])]
            done = max(done, blot.end)
        return "".join([*parts, text[done:]])

    def _name(self, label: str, what: str) -> str:
        if not label:
            return REMOVED
        if self._style == "mask":
            return f"[{label}]"
        # The same data is often written with and without spaces.
        same = "".join(filter(str.isalnum, what)).casefold()
        numbers = self._numbers[label]
        return f"[{label} {numbers.setdefault(same, len(numbers) + 1)}]"
