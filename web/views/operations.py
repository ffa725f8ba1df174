"""What monitoring asks for: liveness, readiness and metrics."""

from collections.abc import Callable

from flask import Response, jsonify

from core.access import Action, require
from core.errors import ArchivarError, Forbidden
from core.wire import Json
from web import models
from web.api import Call, Endpoint, Routes
from web.metrics import MEDIA_TYPE

_OK = "ok"
# Answers quote.
_NO_MODEL = "none"

routes = Routes("Operations")


@routes.serve(Endpoint("GET", "/healthz", "Whether the process answers", models.Health, public=True))
def healthz(_call: Call) -> Json:
    """The process answers."""
    return {"status": "ok"}


@routes.serve(
    Endpoint("GET", "/readyz", "Whether every part that is needed works, else 503", models.Readiness, public=True)
)
def readyz(call: Call) -> Response:
    """State of each part."""
    parts = {
        "database": _state(call.store.inspection.ping),
        "broker": call.front.doorbell.broker_state(),
        "worker": call.front.doorbell.worker_state(),
        "index": _state(call.front.services.retriever.behind),
    }
    ready = all(state == _OK for state in parts.values())
    model = call.front.services.model
    said = model.state() if model is not None else _NO_MODEL
    told = {
        "embedder": _state(call.front.services.retriever.embedder_trouble),
        "model": said,
        "moderation": call.front.services.moderator.state,
    }
    response = jsonify({"status": "ready" if ready else "not_ready", **parts, **told})
    response.status_code = 200 if ready else 503
    return response


@routes.serve(
    Endpoint("GET", "/metrics", "Metrics for Prometheus, for administrators", MEDIA_TYPE, errors=(Forbidden,))
)
def metrics(call: Call) -> Response:
    """Counts in the Prometheus text format."""
    require(call.reader, Action.ADMINISTER)
    return Response(call.front.metrics.text(), content_type=MEDIA_TYPE)


def _state(ask: Callable[[], object]) -> str:
    """What a part says of itself, or why it cannot."""
    try:
        said = ask()
    except ArchivarError as error:
        return error.message
    return said if isinstance(said, str) and said else _OK
