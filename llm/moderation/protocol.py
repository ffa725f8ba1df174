"""What the read flow and its moderator say to each other. No policy, no detectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.values import Hit, Reader

# The action of a moderator that has nothing to say.
ALLOWED = "allow"


@dataclass(frozen=True, slots=True)
class Decision:
    """What moderation does to a text: `action` is `allow`, `log`, `warn`, `redact` or `block`.

    `text` is what may be used in its place; for `block`, what is shown instead. A text of a document may be met by
    `keep_out` or `quarantine`, too, when a policy is tried.
    """

    action: str
    text: str

    @property
    def blocks(self) -> bool:
        """Whether nothing of the text may be used."""
        return self.action == "block"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer: under which id it is recorded, who asks, and of which collections.

    `collections` holds ids; None stands for everything that the reader may read. `documents` are those whose words
    come in otherwise than by passages.
    """

    id: str
    reader: Reader
    collections: tuple[str, ...] | None = None
    documents: tuple[str, ...] = ()


class Moderator(Protocol):
    """Looks at everything that goes in and comes out."""

    def of(self, exchange: Exchange) -> "Moderator":
        """The moderator of one exchange: it knows who asks, and remembers what it has seen of the answer."""
        ...

    def question(self, text: str) -> Decision:
        """Before anything is retrieved. In one exchange the first is what was asked, others what is searched for."""
        ...

    def context(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """The retrieved passages that a writer may see."""
        ...

    @property
    def kept_out(self) -> int:
        """How many passages that the reader may see were kept from the writer so far."""
        ...

    def answer(self, text: str) -> Decision:
        """An answer as far as it has been written, before its newest sentence is shown."""
        ...

    def rendering(self, text: str) -> Decision:
        """A whole answer with all that stands around it, before it is recorded. It allows or blocks."""
        ...


class PassThrough:
    """A moderator that lets everything through."""

    def of(self, exchange: Exchange) -> Moderator:
        """There is nothing to remember."""
        return self

    def question(self, text: str) -> Decision:
        """Allowed."""
        return Decision(ALLOWED, text)

    def context(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """All of them."""
        return hits

    @property
    def kept_out(self) -> int:
        """None."""
        return 0

    def answer(self, text: str) -> Decision:
        """Allowed."""
        return Decision(ALLOWED, text)

    def rendering(self, text: str) -> Decision:
        """Allowed."""
        return Decision(ALLOWED, text)
