"""The quarantine over REST: what waits for a look, why, and its release."""

from dataclasses import asdict

from core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from core.storage.quarantine import Held
from core.values import Document, Passage
from core.wire import Json, document_json
from llm.moderation import reviewing
from web import models
from web.api import Call, Endpoint, Routes
from web.paging import one_page
from web.quarantine_models import HeldDetails, HeldList

_PATH = "/api/v1/quarantine"
_ONE = _PATH + "/{document_id}"

routes = Routes("Quarantine")


@routes.serve(
    Endpoint(
        "GET", _PATH, "List the documents that wait for a look", HeldList, query=models.Paging, errors=(InvalidRequest,)
    )
)
def index(call: Call, query: models.Paging) -> Json:
    """What waits in the collections whose documents the caller may release."""
    collections = reviewing.reviewable(call.store, call.reader)
    items, cursor = one_page(
        lambda after, limit: call.store.quarantine.page(collections, after=after, limit=limit),
        query.cursor,
        query.limit,
    )
    return {"documents": [_held_json(one) for one in items], "next_cursor": cursor}


@routes.serve(
    Endpoint("GET", _ONE, "Show why a document waits", HeldDetails, errors=(Forbidden, NotFound)),
)
def show(call: Call, document_id: str) -> Json:
    """The document, and the passages that are the reason."""
    held = reviewing.waiting(call.store, call.reader, document_id)
    passages = call.store.passages.marked(held.version_id)
    return {**_held_json(held), "marked": [_passage_json(one) for one in passages]}


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/release",
        "Let a document answer",
        models.Document,
        errors=(Forbidden, NotFound, Conflict),
    )
)
def release(call: Call, document_id: str) -> Json:
    """Let it answer from now on; the log of moderation has who did that."""
    return document_json(released(call, document_id))


def released(call: Call, document_id: str) -> Document:
    """Release a document; one that has to be read again first is on its way."""
    document = reviewing.release(call.store, call.front.services.moderator.policy, call.reader, document_id)
    if document.job_id is not None:
        call.front.ring(document.job_id)
    return document


def _held_json(held: Held) -> Json:
    told = asdict(held)
    del told["version_id"]
    return {
        **told,
        "reasons": list(held.reasons),
        "warnings": list(held.warnings),
        "added_at": held.added_at.isoformat(),
    }


def _passage_json(passage: Passage) -> Json:
    marks = [{**asdict(mark), "signals": list(mark.signals)} for mark in passage.marks or ()]
    return {"page": passage.page, "place": passage.place, "text": passage.text, "marks": marks}
