"""What a summary is asked for and what it holds. Who writes summaries, stores or schedules them is not known here."""

from dataclasses import dataclass, field
from enum import StrEnum

from core.values import Citation, Notice, Verdict


class Length(StrEnum):
    """How much a summary says: about 5, 10 or 20 statements."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """How a summary is written: by the name of a template, for whom, in which language and about what.

    An empty `language` (ISO 639-1) is that of the documents; an empty `focus` is everything. Without a Llama
    sentences are quoted, so `audience` and a foreign `language` have no effect, which a notice then says.
    """

    template: str = "executive"
    length: Length = Length.MEDIUM
    audience: str = ""
    language: str = ""
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a summary, under a heading of its template, judged like a sentence of an answer."""

    text: str
    verdict: Verdict
    citations: tuple[int, ...]
    heading: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of one version of a document, or of many documents.

    `model` is the writer's name, as in answers: that of the quoting writer without a Llama.
    """

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    model: str
    took_ms: float
    notices: tuple[Notice, ...] = field(default=())
    moderation: str = "allow"
