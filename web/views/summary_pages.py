"""Summaries as people see them: the list of runs, the form that starts one, and what a run says while it is worked.

Scripts start and cancel runs over the REST interface, and fetch these pages again while a run is worked.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from flask import Response
from pydantic import Field

from core.access import Action, permits
from core.deliveries import Delivery, DeliveryState
from core.errors import NotFound
from core.filters import filter_json
from core.summaries import SummaryOptions, SummaryRequest, SummaryRun
from core.values import FINAL_JOB_STATES, Job, JobState
from core.wire import Json
from web import delivery_words, differences, languages, models, summary_words
from web.api import HTML, Call, Endpoint, Routes
from web.frame import readable_collections, rendered
from web.search_models import Narrowing
from web.views.ask_pages import Scope, scope_told
from web.views.summaries import item_json, permitted_run, told
from web.words import whys
from workers.delivery.telling import delivery_told

_RUNS = 30
_ITEMS = 40
# A page looks again by itself while a delivery is tried within this time.
_SOON = timedelta(minutes=2)

routes = Routes("Pages")

After = Annotated[str, Field(pattern=r"^([0-9a-f-]{36})?$", description="The last id of the page before.")]


class Part(models.Parameters):
    """Which part of a list is shown."""

    after: After = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A run in a list: what it is about, and how far it is."""

    run: SummaryRun
    job: Job
    title: str

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.job.state not in FINAL_JOB_STATES

    @property
    def documents(self) -> int:
        """How many documents it has, as far as that is known."""
        return self._count("documents", self.job.progress.total)

    @property
    def failed(self) -> int:
        """How many of them could not be summarised."""
        return self._count("failed", 0)

    @property
    def summarised(self) -> int:
        """How many of them have a summary."""
        return self._count("summarised", 0)

    @property
    def differences(self) -> int | None:
        """How much is otherwise than in the run before; None without one."""
        found = self._count("differences", -1)
        return found if found >= 0 else None

    def _count(self, name: str, otherwise: int) -> int:
        found = (self.job.result or {}).get(name)
        return found if isinstance(found, int) else otherwise


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery of a run, and what can be done about it."""

    delivery: Delivery
    job: Job

    @property
    def told(self) -> Json:
        """What may be told of it."""
        return delivery_told(self.delivery)

    @property
    def next_at(self) -> datetime | None:
        """When it is tried next."""
        return self.delivery.next_at

    @property
    def delivered_at(self) -> datetime | None:
        """When it arrived."""
        return self.delivery.delivered_at

    @property
    def is_lost(self) -> bool:
        """Whether it has not arrived and will not, though there was something to deliver."""
        ended = self.delivery.state in {DeliveryState.FAILED, DeliveryState.FORBIDDEN}
        return ended and self.job.state is not JobState.CANCELLED

    @property
    def is_under_way(self) -> bool:
        """Whether something is about to happen to it."""
        at, ended = self.next_at, self.job.state in FINAL_JOB_STATES
        return ended and at is not None and at < datetime.now(UTC) + _SOON

    @property
    def repeats(self) -> bool:
        """Whether it may be asked for once more."""
        waits = self.delivery.state is DeliveryState.WAITING and not self.delivery.attempts
        return self.job.state in FINAL_JOB_STATES and self.job.state is not JobState.CANCELLED and not waits


@routes.serve(Endpoint("GET", "/summaries", "Your summaries", HTML, query=Part))
def summaries(call: Call, query: Part) -> Response:
    """The reader's runs, the latest first."""
    runs = call.store.summaries.of_owner(call.reader.user_id, after=query.after, limit=_RUNS + 1)
    return summary_page(
        call,
        "summaries.html",
        rows=rows(call, runs[:_RUNS]),
        older=runs[_RUNS - 1].id if len(runs) > _RUNS else None,
        is_first=not query.after,
    )


@routes.serve(Endpoint("GET", "/summaries/new", "Start a summary", HTML, query=Scope, errors=(NotFound,)))
def new_summary(call: Call, query: Scope) -> Response:
    """The form, about a collection or a document where the address names one."""
    return summary_page(call, "summary_new.html", **wish_fields(call), data={"scope": scope_told(call, query)})


@routes.serve(Endpoint("GET", "/summaries/{summary_id}", "A summary", HTML, query=Part, errors=(NotFound,)))
def summary(call: Call, summary_id: str, query: Part) -> Response:
    """What a run says: all of it together once it has ended, and each document as soon as it is summarised."""
    run = permitted_run(call, summary_id)
    [row] = rows(call, [run])
    found = call.store.summaries.items(run.id, after=query.after, limit=_ITEMS + 1)
    items = [one for item in found[:_ITEMS] if (one := item_json(call, run, item)) is not None]
    before = call.store.summaries.before(run)
    said = told(call, run)
    return summary_page(
        call,
        "summary.html",
        row=row,
        said=said["summary"],
        changed=_changed(said["changes"]),
        before=before,
        items=items,
        following=found[_ITEMS - 1].document_id if len(found) > _ITEMS else None,
        is_first=not query.after,
        # Of one document all that is said is said already.
        shows_items=row.is_open or len(items) != 1 or said["summary"] is None or bool(query.after),
        wish=wish_told(call, run.request),
        schedule=_schedule_name(call, run),
        deliveries=[Sent(one, row.job) for one in call.store.deliveries.of_run(run.id)],
        channel_names=delivery_words.channels(),
        delivery_names=delivery_words.states(),
        delivery_whys=delivery_words.whys(),
        whys=whys(),
        failure_why=summary_words.why,
    )


def rows(call: Call, runs: list[SummaryRun]) -> list[Row]:
    """Runs with their jobs, in the same order; those whose jobs are gone are left out."""
    jobs = {job.id: job for job in call.store.jobs.several([run.id for run in runs])}
    return [Row(run, jobs[run.id], run.title or about(call, run.request)) for run in runs if run.id in jobs]


def about(call: Call, request: SummaryRequest) -> str:
    """What a request is about, by the names that the reader may know."""
    within = request.selection
    if within is None:
        return _of_documents(call, request.document_ids)
    if within.documents is not None:
        return _of_documents(call, within.documents)
    names = [name for one in within.collections or () if (name := _collection_name(call, one))]
    if within.collections is None:
        return languages.gettext("All collections")
    return ", ".join(names) or languages.gettext("A collection that is closed to you")


def wish_fields(call: Call, request: SummaryRequest | None = None) -> dict[str, Any]:
    """What the form of a wish offers, and what it begins with."""
    collections = readable_collections(call)
    return {
        "templates": summary_words.templates()
        | {one.id: (one.title, one.description) for one in call.store.templates.of(call.reader.user_id)},
        "lengths": summary_words.lengths(),
        "choices": call.store.documents.choices([one.id for one in collections]),
        "told": _narrowing(request),
        "chosen": request.options if request is not None else SummaryOptions(),
        "writing_languages": {code: languages.language_name(code) for code in _WRITTEN},
        "has_documents": any(one.documents for one in collections),
    }


def wish_told(call: Call, request: SummaryRequest) -> list[str]:
    """How a summary was asked for, in words."""
    options, within = request.options, request.within
    found = [summary_words.title_of(options), summary_words.lengths()[options.length.value][0]]
    if options.focus:
        found.append(languages.gettext("Only: %(focus)s") % {"focus": options.focus})
    if options.audience:
        found.append(languages.gettext("For: %(audience)s") % {"audience": options.audience})
    if options.language:
        found.append(languages.language_name(options.language))
    if within is not None:
        found += [f"#{tag}" for tag in within.tags or ()]
        found += [languages.kind_name(one) for one in within.types or ()]
        found += [languages.language_name(one) for one in within.languages or ()]
        if within.since is not None:
            found.append(languages.gettext("added from %(day)s") % {"day": languages.date_of(within.since)})
        if within.until is not None:
            found.append(languages.gettext("added until %(day)s") % {"day": languages.date_of(within.until)})
    return found


_NARROWING = ("types", "tags", "languages", "from", "to")
# The languages in which Llama models are said to write well.
_WRITTEN = ("en", "de", "fr", "it", "es", "pt", "hi", "th")


def summary_page(call: Call, template: str, **values: object) -> Response:
    """A page of summaries with the words that all of them need."""
    return rendered(
        call,
        template,
        section="summaries",
        state_names=summary_words.states(),
        item_state_names=summary_words.item_states(),
        notice_words=summary_words.notices(),
        heading_words=summary_words.headings(),
        time_left=summary_words.time_left,
        template_title=summary_words.title_of,
        **values,
    )


def _narrowing(request: SummaryRequest | None) -> Narrowing:
    """What narrows a request, as the fields of a form hold it."""
    told = filter_json(request.within) if request is not None and request.within is not None else {}
    kept = {name: ",".join(value) if isinstance(value, list) else value for name, value in told.items()}
    return Narrowing.model_validate({name: kept[name] for name in _NARROWING if name in kept})


def _changed(changes: list[Json] | None) -> Json | None:
    if changes is None:
        return None
    return {"documents": differences.by_document(changes), "counted": differences.counted(changes)}


def _of_documents(call: Call, ids: tuple[str, ...]) -> str:
    if len(ids) == 1:
        try:
            document = call.store.documents.get(ids[0])
        except NotFound:
            return languages.gettext("A document that was deleted")
        if not permits(call.reader, Action.READ, document.collection_id):
            return languages.gettext("A document that is closed to you")
        return document.filename
    return languages.ngettext("%(n)s document", "%(n)s documents", len(ids)) % {"n": languages.number(len(ids))}


def _collection_name(call: Call, collection_id: str) -> str:
    if not permits(call.reader, Action.READ, collection_id):
        return ""
    try:
        return call.store.collections.get(collection_id).name
    except NotFound:
        return ""


def _schedule_name(call: Call, run: SummaryRun) -> str:
    if run.schedule_id is None:
        return ""
    try:
        return call.store.schedules.get(run.schedule_id).name
    except NotFound:
        return ""
