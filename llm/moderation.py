"""The points at which moderation looks at a question, at what was retrieved and at an answer.

The filters themselves come later; until then `PassThrough` stands at every point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.values import Hit

# The action of a moderator that has nothing to say.
ALLOWED = "allow"


@dataclass(frozen=True, slots=True)
class Decision:
    """What moderation does to a text: `action` is `allow`, `log`, `warn`, `redact` or `block`.

    `text` is what may be used in its place; for `block`, what is shown instead.
    """

    action: str
    text: str

    @property
    def blocks(self) -> bool:
        """Whether nothing of the text may be used."""
        return self.action == "block"


class Moderator(Protocol):
    """Looks at everything that goes in and comes out."""

    def question(self, text: str) -> Decision:
        """Before anything is retrieved."""
        ...

    def context(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """The retrieved passages that a writer may see."""
        ...

    def answer(self, text: str) -> Decision:
        """An answer as far as it has been written, before its newest sentence is shown."""
        ...


class PassThrough:
    """A moderator that lets everything through."""

    def question(self, text: str) -> Decision:
        """Allowed."""
        return Decision(ALLOWED, text)

    def context(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """All of them."""
        return hits

    def answer(self, text: str) -> Decision:
        """Allowed."""
        return Decision(ALLOWED, text)
