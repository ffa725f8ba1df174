"""What a question says: as a whole, in its parts and in other words. Nothing here knows how that is searched for."""

import re
from dataclasses import dataclass

from retrieval.equivalents import rephrased

_SENTENCE = re.compile(r"(?<=[.?!:;])\s+")
_MOST_PARTS = 6
_WORDS_WORTH_SEARCHING = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    `asks` are the sentences that ask, with their rephrasings; `frames` those that say how or where to look.
    """

    text: str
    asks: tuple[str, ...]
    frames: tuple[str, ...]

    @property
    def meanings(self) -> list[str]:
        """What to look for by meaning: what one sentence asks for is lost in a mean of all."""
        return list(dict.fromkeys([self.text, *self.asks, *self.frames]))

    @property
    def wording(self) -> str:
        """What to look for by words: all that was said, and what was added by rephrasing."""
        return "\n".join([self.text, *self.asks])


def understand(text: str) -> Question:
    """Take a question apart."""
    sentences = _SENTENCE.split(text.strip())
    worth = [part for part in sentences if len(part.split()) >= _WORDS_WORTH_SEARCHING][:_MOST_PARTS] or [text]
    asks = [part for part in worth if part.endswith("?")] or worth
    frames = [part for part in worth if part not in asks]
    return Question(text, (*asks, *(other for part in asks for other in rephrased(part))), tuple(frames))
