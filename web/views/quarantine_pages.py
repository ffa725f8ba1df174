"""The page on which owners of collections and administrators look at what was held back, and release or delete it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, redirect

from core.access import Action, permits
from core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from core.marks import Mark
from core.storage.quarantine import Held
from core.values import Passage
from llm.moderation import reviewing
from web import models
from web.api import HTML, SEE_OTHER, Call, Endpoint, Routes
from web.frame import rendered
from web.paging import one_page
from web.views.documents import permitted
from web.views.quarantine import released

_PATH = "/quarantine"
_ONE = _PATH + "/{document_id}"
_SHOWN = 20

routes = Routes("Pages")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A document that waits, with the passages that are the reason."""

    held: Held
    collection: str
    passages: Sequence[Passage]
    may_delete: bool


@routes.serve(Endpoint("GET", _PATH, "Quarantine", HTML, query=models.Paging, errors=(InvalidRequest,)))
def quarantine(call: Call, query: models.Paging) -> Response:
    """What waits for the reader's look."""
    collections = reviewing.reviewable(call.store, call.reader)
    items, cursor = one_page(
        lambda after, limit: call.store.quarantine.page(collections, after=after, limit=limit), query.cursor, _SHOWN
    )
    names = call.store.collections.names()
    shown = [
        _Shown(
            held,
            names.get(held.collection_id, ""),
            call.store.passages.marked(held.version_id),
            permits(call.reader, Action.WRITE, held.collection_id),
        )
        for held in items
    ]
    return rendered(
        call,
        "quarantine.html",
        section="quarantine",
        waiting=shown,
        cursor=cursor,
        may_review=bool(collections),
        pieces=pieces,
    )


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/release",
        "Let a document answer",
        HTML,
        status=SEE_OTHER,
        errors=(Forbidden, NotFound, Conflict),
    )
)
def release(call: Call, document_id: str) -> Response:
    """Release it, and go on with what else waits."""
    released(call, document_id)
    return _back()


@routes.serve(
    Endpoint(
        "POST", _ONE + "/delete", "Delete a document that waits", HTML, status=SEE_OTHER, errors=(Forbidden, NotFound)
    )
)
def discard(call: Call, document_id: str) -> Response:
    """Delete it with all its versions, and go on with what else waits."""
    reviewing.waiting(call.store, call.reader, document_id)
    permitted(call, document_id, Action.WRITE)
    call.store.documents.delete(document_id, by=call.reader.user_id)
    return _back()


def pieces(text: str, marks: Sequence[Mark]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether something is pointed out in it."""
    cut: list[tuple[str, bool]] = []
    reached = 0
    for mark in sorted(marks, key=lambda one: one.start):
        start = max(mark.start, reached)
        if start < mark.end:
            cut += [(text[reached:start], False), (text[start : mark.end], True)]
            reached = mark.end
    return [piece for piece in (*cut, (text[reached:], False)) if piece[0]]


def _back() -> Response:
    response = redirect(_PATH, SEE_OTHER)
    assert isinstance(response, Response)
    return response
