"""The page with the conditions of an attached Llama, on which each person accepts them once."""

from datetime import UTC, datetime
from typing import Annotated

from flask import Response, redirect, request
from pydantic import Field

from core.errors import InvalidRequest, NotFound
from web.api import HTML, SEE_OTHER, Call, Endpoint, Routes
from web.frame import rendered
from web.models import Parameters
from web.views.preferences import local

PATH = "/conditions"

routes = Routes("Conditions")


class Wanted(Parameters):
    """Where somebody was going."""

    then: Annotated[str, Field(alias="next", max_length=4000)] = "/"


@routes.serve(Endpoint("GET", PATH, "The conditions of the attached model", HTML, query=Wanted, errors=(NotFound,)))
def conditions(call: Call, query: Wanted) -> Response:
    """What the licence asks, with its policy, and a button for whoever has not accepted them."""
    duties = call.front.duties
    licence = duties.licence
    if licence is None:
        raise NotFound("No Llama is attached, so there are no conditions to accept.")
    at = duties.accepted_at(call.identity)
    return rendered(
        call,
        "conditions.html",
        licence=licence,
        version=duties.version,
        model=duties.model(),
        accepted=datetime.fromtimestamp(at, UTC) if at is not None else None,
        then=local(query.then),
    )


@routes.serve(
    Endpoint("POST", PATH, "Accept the conditions", HTML, status=SEE_OTHER, errors=(InvalidRequest, NotFound))
)
def accept(call: Call) -> Response:
    """Record who accepts which text. One that changed meanwhile is shown again."""
    version, user_id = call.front.duties.version, call.reader.user_id
    if not version or user_id is None:
        raise NotFound("No Llama is attached, so there are no conditions to accept.")
    if "version" not in request.form:
        raise InvalidRequest("The form does not say which version is accepted.")
    then = local(request.form.get("next", "/"))
    if request.form["version"] == version:
        call.store.acceptances.accept(user_id, version)
    response = redirect(then, SEE_OTHER)
    assert isinstance(response, Response)
    return response
