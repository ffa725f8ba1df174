"""Collections over REST."""

from core.access import Action, require, scope
from core.errors import Conflict, Forbidden, InvalidRequest, NotFound
from core.wire import Json, collection_json, signed_receipt_json
from web import models
from web.api import Call, Endpoint, Routes
from web.paging import one_page
from web.reading_models import Reprocessing
from workers.remains import Remains

_PATH = "/api/v1/collections"
_ONE = _PATH + "/{collection_id}"
_BELLS = 8

routes = Routes("Collections")


@routes.serve(
    Endpoint(
        "POST",
        _PATH,
        "Create a collection",
        models.Collection,
        status=201,
        body=models.NewCollection,
        errors=(InvalidRequest, Conflict),
    )
)
def create(call: Call, body: models.NewCollection) -> Json:
    """Create a collection that belongs to whoever asks."""
    require(call.reader, Action.CREATE_COLLECTION)
    return collection_json(call.store.collections.create(body.name, owner_id=call.reader.user_id))


@routes.serve(
    Endpoint(
        "GET",
        _PATH,
        "List the collections that you may read",
        models.CollectionList,
        query=models.Paging,
        errors=(InvalidRequest,),
    )
)
def index(call: Call, query: models.Paging) -> Json:
    """List what the reader may read."""
    readable = scope(call.reader, call.store.collections.ids())

    items, cursor = one_page(
        lambda after, limit: call.store.collections.page(readable, after=after, limit=limit), query.cursor, query.limit
    )
    return {"collections": [collection_json(item) for item in items], "next_cursor": cursor}


@routes.serve(Endpoint("GET", _ONE, "Show a collection", models.Collection, errors=(NotFound,)))
def show(call: Call, collection_id: str) -> Json:
    """Show a collection."""
    require(call.reader, Action.READ, collection_id)
    return collection_json(call.store.collections.get(collection_id))


@routes.serve(
    Endpoint(
        "PATCH",
        _ONE,
        "Rename a collection",
        models.Collection,
        body=models.CollectionChanges,
        errors=(InvalidRequest, Forbidden, NotFound, Conflict),
    )
)
def change(call: Call, collection_id: str, body: models.CollectionChanges) -> Json:
    """Rename a collection."""
    require(call.reader, Action.MANAGE, collection_id)
    return collection_json(call.store.collections.rename(collection_id, body.name))


@routes.serve(
    Endpoint(
        "DELETE",
        _ONE,
        "Delete a collection with all its documents",
        models.CollectionReceipt,
        errors=(Forbidden, NotFound, Conflict),
    )
)
def delete(call: Call, collection_id: str) -> Json:
    """Delete every document, then the collection; uploads that arrive meanwhile are deleted too, within reason."""
    require(call.reader, Action.MANAGE, collection_id)
    elsewhere = Remains(call.settings, call.store, call.front.services.retriever)
    gone = call.store.dissolution.dissolve(collection_id, by=call.reader.user_id, elsewhere=elsewhere)
    return {
        "id": gone.id,
        "name": gone.name,
        "documents": gone.documents,
        "receipt": signed_receipt_json(gone.receipt),
    }


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/reprocess",
        "Read all documents of a collection again with the current program",
        Reprocessing,
        status=202,
        errors=(Forbidden, NotFound),
    )
)
def reprocess(call: Call, collection_id: str) -> Json:
    """Queue every document that is ready or failed; uploads go before them."""
    require(call.reader, Action.WRITE, collection_id)
    call.store.collections.get(collection_id)
    jobs = call.store.rereading.collection(collection_id, created_by=call.reader.user_id)
    # Whoever is awake goes on with what waits.
    for job_id in jobs[:_BELLS]:
        call.front.ring(job_id)
    return {"id": collection_id, "queued": len(jobs)}
