"""Search over REST."""

from core.errors import InvalidRequest, NotFound, Unavailable
from core.wire import Json, search_json
from web import models
from web.api import Call, Endpoint, Routes

routes = Routes("Search")


@routes.serve(
    Endpoint(
        "POST",
        "/api/v1/search",
        "Find passages",
        models.SearchResult,
        body=models.SearchRequest,
        errors=(InvalidRequest, NotFound, Unavailable),
    )
)
def search(call: Call, body: models.SearchRequest) -> Json:
    """Find the passages that fit a query best, among what the reader may read."""
    documents = body.filters.documents if body.filters is not None else None
    result = call.front.services.retriever.search(
        call.reader, body.query, collections=body.collections, documents=documents, k=body.k
    )
    return search_json(result)
