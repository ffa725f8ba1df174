"""The frozen values about what was asked and answered over time: conversations, records of answers, feedback."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row of questions that belong together; `title` is the first of them."""

    id: str
    title: str
    questions: int
    updated_at: datetime


class Rating(StrEnum):
    """Whether an answer was of use to whoever asked."""

    UP = "up"
    DOWN = "down"


class FeedbackReason(StrEnum):
    """What was wrong with an answer."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    NOT_FOUND = "not_found"
    WRONG_SOURCE = "wrong_source"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    HARMFUL = "harmful"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the person who asked thinks of an answer; `text` is in their own words and may be empty."""

    rating: Rating
    reason: FeedbackReason | None
    text: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and the JSON form of the answer that was given, as they are stored.

    `record` says how the answer came about; answers from before this was kept have none.
    """

    id: str
    user_id: str | None
    conversation_id: str | None
    question: str
    asked_at: datetime
    answer: Mapping[str, Any]
    record: Mapping[str, Any] | None = None
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The last questions of a conversation, the oldest first, and the moment at which this was read.

    `at` is in seconds since 1970 on the database's clock.
    """

    at: float
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """How an answer came about, as it is recorded, and the moment at which the history before it was read."""

    record: Mapping[str, Any] | None = None
    asked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question that was asked before another one in the same conversation, and the text of its answer.

    `question` is meant to be understood by itself; `answer` is empty where it may not be used.
    """

    question: str
    answer: str = ""
