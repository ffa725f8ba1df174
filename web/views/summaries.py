"""Summaries over REST: runs over documents, worked by jobs of the same ids."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial

from flask import Response

from core.access import Action, permits, require, require_owner, scope
from core.errors import InvalidRequest, NotFound, Unavailable
from core.summaries import Summary, SummaryItem, SummaryOptions, SummaryRequest, SummaryRun
from core.wire import Json, failure_json, job_json, summary_json
from llm.export import MEDIA_TYPE
from llm.records import as_they_stand, readable
from llm.summaries.asking import checked_options
from llm.summaries.markdown import summary_markdown
from llm.summaries.templates import template_of
from web import models, summary_models, summary_words
from web.api import Call, Endpoint, Routes
from web.paging import one_page
from workers.delivery import wishes
from workers.delivery.telling import delivery_told
from workers.runs import run_told, runs_told

_ALL = "/api/v1/summaries"
_ONE = _ALL + "/{summary_id}"
# Built-in templates have names, own ones ids.
_OWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

routes = Routes("Summaries")


@routes.serve(
    Endpoint(
        "POST",
        _ALL,
        "Summarise a collection or documents",
        models.Job,
        status=202,
        body=summary_models.NewSummary,
        errors=(InvalidRequest, NotFound),
    )
)
def create(call: Call, body: summary_models.NewSummary) -> Json:
    """Queue a run over what the reader may read; the job has its id."""
    request = permitted_request(call, body.asked)
    wanted = wishes.checked(call.settings, call.store, call.reader.user_id, body.delivery.wishes())
    run_id = call.store.summaries.start(request, owner=call.reader.user_id, title=body.title, delivery=wanted)
    call.front.doorbell.ring_for_summaries(run_id)
    return job_json(call.store.jobs.get(run_id))


@routes.serve(
    Endpoint(
        "POST",
        _ALL + "/estimate",
        "Say what summaries would take, without writing them",
        summary_models.Estimate,
        body=summary_models.SummaryWish,
        errors=(InvalidRequest, NotFound, Unavailable),
    )
)
def estimate(call: Call, body: summary_models.SummaryWish) -> Json:
    """A dry run."""
    request = permitted_request(call, body.asked)
    ids: Sequence[str] = request.document_ids
    if (within := request.selection) is not None:
        readable = scope(call.reader, call.store.collections.ids(), within.collections)
        ids = call.store.summaries.documents_in(replace(within, collections=tuple(readable)))
    return asdict(call.front.services.summariser.estimate(call.reader, ids, _with_own(call, request.options)))


@routes.serve(
    Endpoint(
        "GET", _ALL, "List your summaries", summary_models.SummaryRunList, query=models.Paging, errors=(InvalidRequest,)
    )
)
def index(call: Call, query: models.Paging) -> Json:
    """The reader's runs, the latest first."""
    runs, cursor = one_page(
        lambda after, limit: call.store.summaries.of_owner(call.reader.user_id, after=after, limit=limit),
        query.cursor,
        query.limit,
    )
    return {"summaries": runs_told(call.store, runs), "next_cursor": cursor}


@routes.serve(Endpoint("GET", _ONE, "Show a summary", summary_models.SummaryRun, errors=(NotFound,)))
def show(call: Call, summary_id: str) -> Json:
    """A run with what it says, while all that it cites is open to the reader."""
    run = permitted_run(call, summary_id)
    sent = [delivery_told(one) for one in call.store.deliveries.of_run(run.id)]
    return {**run_told(run, call.store.jobs.get(run.id), sent), **told(call, run)}


@routes.serve(Endpoint("DELETE", _ONE, "Delete a summary", summary_models.SummaryReceipt, errors=(NotFound,)))
def delete(call: Call, summary_id: str) -> Json:
    """Delete a run with what it says and its deliveries; one that is being worked stops. Its schedule goes on."""
    call.store.summaries.delete(permitted_run(call, summary_id).id)
    return {"summary_id": summary_id}


@routes.serve(
    Endpoint(
        "GET",
        _ONE + "/items",
        "List the documents of a summary, each with its own",
        summary_models.SummaryItemList,
        query=models.Paging,
        errors=(InvalidRequest, NotFound),
    )
)
def items(call: Call, summary_id: str, query: models.Paging) -> Json:
    """The documents of a run, those that have been summarised with what was written."""
    run = permitted_run(call, summary_id)
    found, cursor = one_page(
        lambda after, limit: call.store.summaries.items(run.id, after=after, limit=limit), query.cursor, query.limit
    )
    listed = [item_json(call, run, item) for item in found]
    return {"items": [one for one in listed if one is not None], "next_cursor": cursor}


@routes.serve(
    Endpoint(
        "GET",
        _ONE + "/export.md",
        "Download a summary with its sources as Markdown",
        MEDIA_TYPE,
        errors=(NotFound,),
    )
)
def export(call: Call, summary_id: str) -> Response:
    """What a run says, as a file, as long as all that it cites may be read."""
    run = permitted_run(call, summary_id)
    said = told(call, run)["summary"]
    if said is None:
        raise NotFound("There is nothing to download: the run has not ended well, or what it cites is closed to you.")
    title = run.title or summary_words.title_of(run.request.options)
    text = summary_markdown(title, said, summary_words.for_markdown(), headings=summary_words.headings())
    response = Response(text, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="summary-{run.id[:8]}.md"'
    return response


def permitted_request(call: Call, request: SummaryRequest) -> SummaryRequest:
    """The request, if it makes sense and everything that it names is open to the reader.

    Raises `InvalidRequest`, `NotFound`.
    """
    template_of(_with_own(call, request.options))
    checked_options(request.options)
    if request.within is not None and request.within.as_of is not None:
        raise InvalidRequest("Summaries are of the versions that answer now. Leave `as_of` out.")
    if (within := request.selection) is not None:
        scope(call.reader, call.store.collections.ids(), within.collections)
    for document_id in request.document_ids or (within.documents if within is not None else None) or ():
        document = call.store.documents.get(document_id)
        require(call.reader, Action.READ, document.collection_id, what="document")
    return request


def _with_own(call: Call, options: SummaryOptions) -> SummaryOptions:
    """The options with the own template that they name, if they name one. Raises `NotFound`."""
    if options.own is not None or not _OWN.fullmatch(options.template):
        return options
    return options.with_own(call.store.templates.get(options.template, owner=call.reader.user_id))


def permitted_run(call: Call, summary_id: str) -> SummaryRun:
    """A run of the reader. Raises `NotFound`."""
    run = call.store.summaries.get(summary_id)
    require_owner(call.reader, run.owner, what="summary")
    return run


def told(call: Call, run: SummaryRun) -> Json:
    """What a run says, `summary` and `changes`; null where something that it cites is closed to the reader by now."""
    changes = [asdict(one) for one in run.changes] if run.changes is not None else None
    summary = _readable(call, run, run.result)
    cited = [citation for one in changes or () for citation in [*one["citations"], *one["before_citations"]]]
    if changes is not None and not (_open(call, {"citations": cited}) and all(map(partial(_nameable, call), changes))):
        changes = None
    for one in changes or ():
        for name in ("citations", "before_citations"):
            one[name] = as_they_stand(call.store, one[name])
    return {"summary": summary, "changes": changes}


def _readable(call: Call, run: SummaryRun, summary: Summary | None) -> Json | None:
    if summary is None:
        return None
    body = summary_json(summary, run.request.options.template)
    try:
        return readable(call.store, call.reader, body)
    except NotFound:
        return None


def _nameable(call: Call, change: Json) -> bool:
    """Whether the reader may know the name of a changed document: it is open to them, or deleted and without a name."""
    try:
        document = call.store.documents.get(change["document_id"])
    except NotFound:
        return not change["filename"]
    return permits(call.reader, Action.READ, document.collection_id)


def _open(call: Call, body: Json) -> bool:
    try:
        readable(call.store, call.reader, body)
    except NotFound:
        return False
    return True


def item_json(call: Call, run: SummaryRun, item: SummaryItem) -> Json | None:
    """A document of a run, None where it is closed to the reader."""
    try:
        document = call.store.documents.get(item.document_id)
    except NotFound:
        return None
    if not permits(call.reader, Action.READ, document.collection_id):
        return None
    return {
        "document_id": item.document_id,
        "filename": document.filename,
        "state": item.state.value,
        "attempts": item.attempts,
        "reused": item.reused,
        "error": failure_json(item.error),
        "summary": _readable(call, run, item.summary),
    }
