"""What a running answer reports: waiting, how a question was understood, checked sentences, and the finished answer."""

from dataclasses import dataclass

from core.values import Answer, Citation, Sentence


@dataclass(frozen=True, slots=True)
class Waiting:
    """The model has others to serve; so many questions that wait come first. Told again when it changes."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Understood:
    """The question as it is answered, where it needed those before it to be understood."""

    question: str


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


AnswerEvent = Waiting | Understood | SentenceChecked | Replaced | Finished
