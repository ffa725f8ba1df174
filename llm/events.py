"""What a running answer reports: sentences as they are checked, a replacement, and the finished answer."""

from dataclasses import dataclass

from core.values import Answer, Citation, Sentence


@dataclass(frozen=True, slots=True)
class SentenceChecked:
    """A sentence may be shown; `citations` are those that it is the first to use."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """Everything shown so far is withdrawn in favour of `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete and recorded."""

    answer: Answer


AnswerEvent = SentenceChecked | Replaced | Finished
