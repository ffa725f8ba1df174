"""What a summary is asked for and what it holds. Who writes summaries, stores or schedules them is not known here."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.deliveries import Wish
from core.filters import EVERYTHING, Filter, filter_json, parsed_filter
from core.values import Citation, Failure, Notice, Verdict


class Length(StrEnum):
    """How much a summary says: about 5, 10 or 20 statements."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """A template that somebody made; shared by all where it has no `owner`. The parts are those of a built-in one."""

    id: str
    owner: str | None
    title: str
    description: str
    instructions: str
    headings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    figures: bool = False


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """How a summary is written: by the name of a template, for whom, in which language and about what.

    `own` is what an own template of that id says; it is noted when a run is queued, so that a run is of one piece.

    An empty `language` (ISO 639-1) is that of the documents; an empty `focus` is everything. Without a Llama
    sentences are quoted, so `audience` and a foreign `language` have no effect, which a notice then says.
    """

    template: str = "executive"
    length: Length = Length.MEDIUM
    audience: str = ""
    language: str = ""
    focus: str = ""
    own: OwnTemplate | None = None

    def with_own(self, template: OwnTemplate) -> "SummaryOptions":
        """The same by this template."""
        return replace(self, template=template.id, own=template)


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


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """What is to be summarised: these documents, or what there is when the work begins: in a collection, or within a
    filter, which narrows the collection where one is given and else all that whoever asks may read.
    """

    options: SummaryOptions
    collection_id: str | None = None
    document_ids: tuple[str, ...] = ()
    within: Filter | None = None

    @property
    def selection(self) -> Filter | None:
        """What the documents are taken from when the work begins; None where they are named."""
        if self.document_ids or (self.collection_id is None and self.within is None):
            return None
        chosen = self.within or EVERYTHING
        return chosen if self.collection_id is None else replace(chosen, collections=(self.collection_id,))


class ItemState(StrEnum):
    """How far the summary of one document is; `gone` once the document has been deleted."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """One document of a run. `reused` where an earlier run had summarised the same version in the same way."""

    document_id: str
    state: ItemState
    attempts: int
    version_id: str | None = None
    summary: Summary | None = None
    reused: bool = False
    error: Failure | None = None

    @property
    def id(self) -> str:
        """What it is known by within its run."""
        return self.document_id


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise than in the run before: `kind` is `new`, `changed` or `gone`, of a statement or a document.

    Citations are those of the runs that said so: `before_citations` of the earlier one.
    """

    kind: str
    document_id: str
    filename: str
    text: str = ""
    before: str = ""
    citations: tuple[Citation, ...] = ()
    before_citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class SummaryRun:
    """One run over documents, worked by the job of the same id.

    `schedule_id` and `due_at` say of which schedule and for which of its times it is; `result` is the summary of all
    documents, None until it has ended or once a document of it is gone. `changes` is None without a run before.
    """

    id: str
    owner: str | None
    request: SummaryRequest
    created_at: datetime
    title: str = ""
    schedule_id: str | None = None
    due_at: datetime | None = None
    result: Summary | None = None
    changes: tuple[Difference, ...] | None = None


def summary_from(stored: Mapping[str, Any]) -> Summary:
    """A summary from what `dataclasses.asdict` and JSON made of it."""
    return Summary(
        statements=tuple(
            Statement(
                one["text"], Verdict(one["verdict"]), tuple(one["citations"]), one["heading"], tuple(one["reasons"])
            )
            for one in stored["statements"]
        ),
        citations=tuple(Citation(**one) for one in stored["citations"]),
        model=stored["model"],
        took_ms=stored["took_ms"],
        notices=tuple(Notice(one["code"], tuple(one["citations"])) for one in stored["notices"]),
        moderation=stored["moderation"],
    )


def request_json(request: SummaryRequest) -> dict[str, Any]:
    """A request as it is stored."""
    return {
        "options": asdict(request.options),
        "collection_id": request.collection_id,
        "document_ids": list(request.document_ids),
        "filters": filter_json(request.within) if request.within is not None else None,
    }


def request_from(stored: Mapping[str, Any]) -> SummaryRequest:
    """A request from what `request_json` and JSON made of it."""
    options = {**stored["options"], "length": Length(stored["options"]["length"])}
    if (own := options.get("own")) is not None:
        options["own"] = OwnTemplate(**{**own, "headings": tuple(own["headings"]), "words": tuple(own["words"])})
    filters = stored.get("filters")
    return SummaryRequest(
        SummaryOptions(**options),
        stored["collection_id"],
        tuple(stored["document_ids"]),
        parsed_filter(filters) if filters is not None else None,
    )


def difference_from(stored: Mapping[str, Any]) -> Difference:
    """A difference from what `dataclasses.asdict` and JSON made of it."""
    cited = {name: tuple(Citation(**one) for one in stored[name]) for name in ("citations", "before_citations")}
    return Difference(**{**stored, **cited})


class CatchUp(StrEnum):
    """What becomes of times of a schedule at which nothing ran: one run for all of them, one for each, or none."""

    ONE = "one"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Summaries again and again: `cron` has five fields, read in the IANA `timezone`; `delivery` is that of each run.

    `next_at` is when it is due next, None while it never is.
    """

    id: str
    owner: str | None
    name: str
    cron: str
    timezone: str
    request: SummaryRequest
    delivery: Collection[Wish]
    catch_up: CatchUp
    paused: bool
    next_at: datetime | None
    created_at: datetime
