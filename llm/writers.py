"""What a writer of answers is, and what it hands over: drafts of sentences, each with what it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.values import Hit, Passage
from llm.events import Waiting


@dataclass(frozen=True, slots=True)
class Source:
    """A passage, and the words in it that a sentence rests on."""

    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as its writer made it, not yet checked.

    A `computed` one was put together from figures of the sources, and is checked by its numbers and its arithmetic.
    """

    text: str
    sources: tuple[Source, ...]
    computed: bool = False


class Writer(Protocol):
    """Writes answers from passages."""

    @property
    def model(self) -> str:
        """The name shown as the answer's model."""
        ...

    @property
    def introduction(self) -> str:
        """What stands before the sentences, so that people know what they read; empty for none."""
        ...

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft | Waiting]:
        """The sentences of an answer, none when the passages hold no answer; and before them that it has to wait."""
        ...
