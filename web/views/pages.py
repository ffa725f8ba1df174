"""The library: collections and the documents in them. What changes them is asked of the REST interface by scripts."""

from flask import Response

from core.access import Action, permits, require
from core.errors import NotFound
from core.filters import SHORT_TYPES
from core.values import Document
from core.wire import Json, document_json
from web.api import HTML, Call, Endpoint, Routes
from web.frame import readable_collections, rendered
from web.languages import kind_name

# What the first look at a collection shows; scripts fetch the rest.
_MOST_DOCUMENTS = 200

routes = Routes("Pages")


@routes.serve(Endpoint("GET", "/library", "Collections", HTML))
def library(call: Call) -> Response:
    """All collections that the reader may read."""
    collections = readable_collections(call)
    return rendered(
        call,
        "library.html",
        section="library",
        collections=collections,
        managed={one.id for one in collections if permits(call.reader, Action.MANAGE, one.id)},
        may_create=permits(call.reader, Action.CREATE_COLLECTION),
    )


@routes.serve(Endpoint("GET", "/collections/{collection_id}", "A collection", HTML, errors=(NotFound,)))
def collection(call: Call, collection_id: str) -> Response:
    """A collection with its documents."""
    require(call.reader, Action.READ, collection_id)
    shown = call.store.collections.get(collection_id)
    documents = call.store.documents.page(collection_id, limit=_MOST_DOCUMENTS)
    may_write = permits(call.reader, Action.WRITE, collection_id)
    return rendered(
        call,
        "collection.html",
        section="library",
        collections=readable_collections(call),
        collection=shown,
        documents=sorted(documents, key=lambda one: one.path.casefold()),
        may_write=may_write,
        may_manage=permits(call.reader, Action.MANAGE, collection_id),
        most_bytes=call.settings.max_file_bytes,
        most_files=call.settings.max_files_per_request,
        data=_for_script(call, collection_id, documents, may_write),
    )


def _for_script(call: Call, collection_id: str, documents: list[Document], may_write: bool) -> Json:
    return {
        "collection": collection_id,
        "documents": [document_json(one) for one in documents],
        "complete": len(documents) < _MOST_DOCUMENTS,
        "kinds": {media_type: kind_name(media_type) for media_type in SHORT_TYPES.values()},
        "may_write": may_write,
        "most_bytes": call.settings.max_file_bytes,
        "most_files": call.settings.max_files_per_request,
    }
