"""The pages that people see. They show what the REST interface gives; the script in `static` calls it."""

from flask import Response, render_template

from core.access import Action, permits, require, scope
from core.errors import NotFound
from core.storage.passages import Passages
from core.values import Collection, Passage, Version
from web import models
from web.api import HTML, Call, Endpoint, Routes
from web.views.documents import answering, permitted

_MOST_COLLECTIONS = 200
_MOST_DOCUMENTS = 200

routes = Routes("Pages")


@routes.serve(Endpoint("GET", "/", "Collections, and a question to all of them", HTML))
def home(call: Call) -> Response:
    """The start page."""
    return _page(
        call,
        "home.html",
        may_create=permits(call.reader, Action.CREATE_COLLECTION),
    )


@routes.serve(Endpoint("GET", "/collections/{collection_id}", "A collection", HTML, errors=(NotFound,)))
def collection(call: Call, collection_id: str) -> Response:
    """A collection with its documents."""
    require(call.reader, Action.READ, collection_id)
    return _page(
        call,
        "collection.html",
        collection=call.store.collections.get(collection_id),
        documents=call.store.documents.page(collection_id, limit=_MOST_DOCUMENTS),
        may_write=permits(call.reader, Action.WRITE, collection_id),
        may_manage=permits(call.reader, Action.MANAGE, collection_id),
        most_bytes=call.settings.max_file_bytes,
        most_files=call.settings.max_files_per_request,
    )


@routes.serve(
    Endpoint(
        "GET",
        "/documents/{document_id}/pages/{page}",
        "A page of a document, with a passage marked",
        HTML,
        query=models.PageMark,
        errors=(NotFound,),
    )
)
def document_page(call: Call, document_id: str, page: int, query: models.PageMark) -> Response:
    """A page of a document, as picture where there is one and as text."""
    document = permitted(call, document_id)
    version = answering(call, document)
    shown = call.store.passages.page(version.id, page)
    mark = _passage(call.store.passages, version, page, query.passage)
    return _page(
        call,
        "document_page.html",
        document=document,
        collection=call.store.collections.get(document.collection_id),
        page=shown,
        mark=mark,
        parts=_around(shown.text, mark),
    )


def _passage(passages: Passages, version: Version, page: int, passage_id: int | None) -> Passage | None:
    # A passage of a version that answers no more is not marked; the page is still worth showing.
    found = passages.by_ids([passage_id]).get(passage_id) if passage_id is not None else None
    return found if found is not None and (found.version_id, found.page) == (version.id, page) else None


def _around(text: str, mark: Passage | None) -> tuple[str, str, str]:
    if mark is None:
        return text, "", ""
    return text[: mark.start], text[mark.start : mark.end], text[mark.end :]


def _page(call: Call, template: str, **values: object) -> Response:
    readable = scope(call.reader, call.store.collections.ids())
    collections: list[Collection] = call.store.collections.page(readable, limit=_MOST_COLLECTIONS)
    user = call.store.people.get(call.reader.user_id) if call.reader.user_id is not None else None
    html = render_template(
        template,
        collections=sorted(collections, key=lambda one: one.name.casefold()),
        user=user,
        most_chars=call.settings.max_question_chars,
        **values,
    )
    return Response(html, mimetype=HTML)
