"""Search over REST."""

from core.errors import InvalidRequest, NotFound, Unavailable
from core.wire import Json, search_json
from web import models
from web.api import Call, Endpoint, Routes
from web.search_models import SearchRequest

routes = Routes("Search")


@routes.serve(
    Endpoint(
        "POST",
        "/api/v1/search",
        "Find passages",
        models.SearchResult,
        body=SearchRequest,
        errors=(InvalidRequest, NotFound, Unavailable),
    )
)
def search(call: Call, body: SearchRequest) -> Json:
    """Find the passages that fit a query best, among what the reader may read."""
    searching = call.front.services.searching
    return search_json(searching.search(call.reader, body.query, within=body.within, k=body.k, explain=body.explain))
