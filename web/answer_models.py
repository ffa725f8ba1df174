"""The typed bodies around answers that were given: how they came about, replays, feedback."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from core.exchanges import FeedbackReason, Rating
from core.values import AnswerStatus
from web.models import Citation, Feedback, Id, Paging, Reply, Request, Sentence

MOST_FEEDBACK_CHARS = 1000
_NO_NUL = r"^[^\x00]*$"

FeedbackText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_FEEDBACK_CHARS, pattern=_NO_NUL)]


def _one_of(codes: type[StrEnum]) -> str:
    return f"^({'|'.join(codes)})?$"


class RecordedPassage(Reply):
    """A passage that an answer could rest on; `sha256` is that of its text."""

    passage_id: int
    document_id: Id
    page: int
    sha256: str


class AnswerRecord(Reply):
    """How an answer came about.

    `index` is the number of the newest change of what is searchable when it was asked. `prompt`, `parameters`, `index`,
    `filters` and `passages` are null for answers from before this was kept, and for blocked questions.
    """

    id: Id
    question: str
    question_understood: str | None
    asked_at: str
    model: str
    prompt: str | None
    parameters: dict[str, object] | None
    index: int | None
    filters: dict[str, object] | None
    passages: list[RecordedPassage] | None
    verdicts: list[str]
    feedback: Feedback | None


class Told(Reply):
    """An answer in a comparison; `answer` is null where a document that it cites is gone or no longer open to you."""

    status: AnswerStatus
    model: str
    answer: str | None
    sentences: list[Sentence]
    citations: list[Citation]
    prompt: str | None
    parameters: dict[str, object] | None
    index: int | None


class PassageChanges(Reply):
    """What became of the passages that were found.

    `gone`: the document is, or is closed to you; `changed`: it no longer says this; `left`: it does, but they were not
    found this time; `new`: they were not found before.
    """

    gone: list[RecordedPassage]
    changed: list[RecordedPassage]
    left: list[RecordedPassage]
    new: list[RecordedPassage]


class Replay(Reply):
    """What a question got and what it gets now, and the names of what differs."""

    id: Id
    question: str
    question_understood: str | None
    asked_at: str
    before: Told
    now: Told
    differs: list[str]
    passages: PassageChanges


class NewFeedback(Request):
    """What you think of an answer. Administrators see it together with the question and the answer."""

    rating: Rating
    reason: FeedbackReason | None = None
    text: FeedbackText = Field("", description="In your own words.")


class FeedbackReceipt(Reply):
    """The answer whose feedback was taken back."""

    answer_id: Id


class FeedbackWanted(Paging):
    """Which feedback to list; empty for any."""

    rating: Annotated[str, Field(pattern=_one_of(Rating))] = ""
    reason: Annotated[str, Field(pattern=_one_of(FeedbackReason))] = ""


class GivenFeedback(Reply):
    """Feedback with what it is about; `answer` is null where a document that it cites is gone."""

    answer_id: Id
    user_id: str | None
    rating: Rating
    reason: FeedbackReason | None
    text: str
    given_at: str
    question: str
    question_understood: str | None
    answer: str | None
    status: AnswerStatus
    model: str
    prompt: str | None
    asked_at: str


class FeedbackList(Reply):
    """A page of feedback, the newest first."""

    feedback: list[GivenFeedback]
    next_cursor: str | None
