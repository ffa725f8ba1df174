"""The typed bodies of the quarantine: what waits, and why."""

from pydantic import Field

from web.models import Id, Reply


class HeldDocument(Reply):
    """A document that waits for a look; `reasons` are `instructions`, `hidden_text` and `active_content`."""

    id: Id
    collection_id: Id
    path: str
    filename: str
    version: int
    sha256: str
    reasons: list[str]
    warnings: list[str]
    passages: int
    added_at: str


class HeldList(Reply):
    """What waits in the collections whose documents the caller may release."""

    documents: list[HeldDocument]
    next_cursor: str | None


class PassageMark(Reply):
    """What is pointed out in a passage: its characters `start:end`, and what speaks for it."""

    kind: str
    score: float
    start: int
    end: int
    signals: list[str]


class MarkedPassage(Reply):
    """A passage in which something is pointed out."""

    page: int
    place: str
    text: str
    marks: list[PassageMark]


class HeldDetails(HeldDocument):
    """A document that waits, with the passages that are the reason."""

    marked: list[MarkedPassage] = Field(description="The first 50 of them; none where no passage is the reason.")
