"""The REST contract for programs and for people, both from the same declarations."""

from flask import Response, jsonify

from web.api import HTML, JSON, Call, Endpoint, Routes
from web.frame import rendered
from web.problems import codes

routes = Routes("Documentation")


@routes.serve(Endpoint("GET", "/api/openapi.json", "This interface as OpenAPI 3.1", JSON))
def openapi(call: Call) -> Response:
    """The OpenAPI document."""
    return jsonify(call.front.openapi)


@routes.serve(Endpoint("GET", "/api/docs", "This interface as a page", HTML))
def docs(call: Call) -> Response:
    """The same as a page, with the error codes that problem documents point at."""
    return rendered(call, "docs.html", api=call.front.openapi, codes=codes())
