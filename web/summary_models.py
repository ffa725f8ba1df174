"""The typed bodies of summaries and schedules over REST."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from core.summaries import CatchUp, ItemState, Length, SummaryOptions, SummaryRequest
from core.values import JobState, Verdict
from web import delivery_models
from web.models import Citation, Failure, Id, Ids, Notice, Progress, Reply, Request
from web.search_models import Filters

_NO_NUL = r"^[^\x00]*$"
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_NUL)]
Wish = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=_NO_NUL)]


class SummaryWish(Request):
    """What is to be summarised, and how: documents, or a collection or what is within filters when the work begins.

    Filters narrow the collection where one is given, and else all that you may read.
    """

    collection: Id | None = None
    documents: Ids | None = None
    filters: Filters | None = None
    template: Annotated[str, StringConstraints(max_length=64)] = "executive"
    language: Annotated[str, StringConstraints(max_length=16)] = Field("", description="ISO 639-1; empty: as written.")
    length: Literal["short", "medium", "long"] = "medium"
    audience: Wish = ""
    focus: Wish = Field("", description="What alone matters; empty for everything.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "SummaryWish":
        if (self.collection is not None or self.filters is not None) == (self.documents is not None):
            raise ValueError("Name a collection, filters or documents; filters may narrow a collection.")
        if self.collection is not None and self.filters is not None and self.filters.collections is not None:
            raise ValueError("Collections are given twice. Leave them out of the filters.")
        return self

    @property
    def asked(self) -> SummaryRequest:
        """The same as a value. Raises `InvalidRequest`."""
        options = SummaryOptions(self.template, Length(self.length), self.audience, self.language, self.focus)
        within = self.filters.within if self.filters is not None else None
        return SummaryRequest(options, self.collection, tuple(self.documents or ()), within)


class NewSummary(SummaryWish):
    """A summary to be written."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_NO_NUL)] = ""
    delivery: delivery_models.Delivery = delivery_models.Delivery()


class Estimate(Reply):
    """What summaries would take; `tokens` are those that a model reads, `seconds` is null while its pace is unknown."""

    documents: int
    pages: int
    passages: int
    tokens: int
    seconds: float | None


class Statement(Reply):
    """A sentence of a summary."""

    text: str
    verdict: Verdict
    citations: list[int]
    heading: str
    reasons: list[str]


class Summary(Reply):
    """A summary with what its statements rest on; `notices` hold `extractive` where sentences were quoted."""

    summary: str
    statements: list[Statement]
    citations: list[Citation]
    model: str
    template: str
    took_ms: float
    notices: list[Notice]
    moderation: str


class Difference(Reply):
    """What is otherwise than in the run before."""

    kind: Literal["new", "changed", "gone"]
    document_id: Id
    filename: str
    text: str
    before: str
    citations: list[Citation]
    before_citations: list[Citation]


class SummaryRun(Reply):
    """A run over documents.

    `summary` and `changes` are null until it has ended, and once a document of it is gone or closed to you; `changes`
    also without a run before.
    """

    id: Id
    title: str
    state: JobState
    progress: Progress
    error: Failure | None
    created_at: str
    schedule_id: Id | None
    due_at: str | None
    summary: Summary | None
    changes: list[Difference] | None
    deliveries: list[delivery_models.DeliveryTold]


class SummaryReceipt(Reply):
    """A run that is gone, with what it said and its deliveries; its schedule goes on."""

    summary_id: Id


class SummaryRunList(Reply):
    """A page of runs, the latest first, without what they say."""

    summaries: list[SummaryRun]
    next_cursor: str | None


class SummaryItem(Reply):
    """A document of a run; `reused` where nothing had changed since the run before."""

    document_id: Id
    filename: str
    state: ItemState
    attempts: int
    reused: bool
    error: Failure | None
    summary: Summary | None


class SummaryItemList(Reply):
    """A page of the documents of a run, without those that are gone or closed to you."""

    items: list[SummaryItem]
    next_cursor: str | None


class Delivery(delivery_models.Delivery):
    """Where reports go besides here."""


class WantedTimes(Request):
    """When something should run."""

    cron: Annotated[str, StringConstraints(max_length=100)]
    timezone: Annotated[str, StringConstraints(max_length=64)] = "UTC"


class Times(Reply):
    """When it would run."""

    in_words: str
    next_runs: list[str]


class NewSchedule(Request):
    """Summaries again and again."""

    name: Title
    cron: Annotated[str, StringConstraints(max_length=100)] = Field(
        description="Five fields: minute, hour, day of month, month, day of week."
    )
    timezone: Annotated[str, StringConstraints(max_length=64)] = Field(
        "UTC", description="A name of the IANA database."
    )
    summary: SummaryWish
    delivery: Delivery = Delivery()
    catch_up: Literal["one", "all", "none"] = Field(
        "one", description="What becomes of missed times: one run for all of them, one for each, or none."
    )


class ScheduleChanges(Request):
    """What may be changed about a schedule; what is left out stays."""

    name: Title | None = None
    cron: Annotated[str, StringConstraints(max_length=100)] | None = None
    timezone: Annotated[str, StringConstraints(max_length=64)] | None = None
    summary: SummaryWish | None = None
    delivery: Delivery | None = None
    catch_up: Literal["one", "all", "none"] | None = None
    paused: bool | None = None


class LastRun(Reply):
    """The last run that has ended."""

    id: Id
    job_id: Id
    state: JobState
    finished_at: str
    deliveries: list[delivery_models.DeliveryTold]


class Schedule(Reply):
    """A schedule; `next_run` is null while it is paused."""

    id: Id
    name: str
    cron: str
    in_words: str
    timezone: str
    summary: dict[str, object]
    delivery: dict[str, object]
    catch_up: CatchUp
    paused: bool
    next_run: str | None
    next_runs: list[str]
    last_run: LastRun | None
    created_at: str


class ScheduleList(Reply):
    """A page of schedules."""

    schedules: list[Schedule]
    next_cursor: str | None


class ScheduleReceipt(Reply):
    """A schedule that is gone; its runs stay."""

    schedule_id: Id
