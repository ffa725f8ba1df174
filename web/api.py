"""The REST contract: what an endpoint accepts and gives, and how a request becomes a call of its view.

The same declarations route and validate requests and make the OpenAPI document; nothing is described twice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, Response, g, jsonify, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from core.errors import ArchivarError, InvalidRequest, TooLarge
from core.settings import Settings
from core.storage.store import Store
from core.values import Reader
from core.wire import Json
from web.front import Front
from web.identity import Identity

View = Callable[..., Json | Response]
Decorated = TypeVar("Decorated", bound=View)
Model = TypeVar("Model", bound=BaseModel)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
JSON = "application/json"
HTML = "text/html"
SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one operation accepts and gives.

    `gives` is the model of a JSON reply, or the media type of another one. `form` describes the fields that come
    with uploaded files, `events` the data of server-sent events by their names.
    """

    method: str
    path: str
    summary: str
    gives: type[BaseModel] | str
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    events: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    errors: tuple[type[ArchivarError], ...] = ()
    public: bool = False

    @property
    def parameters(self) -> list[str]:
        """Names of the variable parts of the path."""
        return _PLACEHOLDER.findall(self.path)

    @property
    def rule(self) -> str:
        """The path as Flask writes it; what does not look like an id or a page number is not found."""
        return _PLACEHOLDER.sub(lambda part: f"<{_kind(part[1])}:{part[1]}>", self.path)

    @property
    def is_page(self) -> bool:
        """Whether people see it rather than programs: it is no part of the REST interface."""
        return self.gives == HTML or self.status == SEE_OTHER


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint, the view that serves it and the subject it belongs to."""

    subject: str
    endpoint: Endpoint
    view: View

    @property
    def name(self) -> str:
        """A name that no other route has: `collections.create`."""
        return f"{self.subject.lower().replace(' ', '_')}.{self.view.__name__}"


class Routes(list[Route]):
    """The routes of one subject, filled by decorating views."""

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._subject = subject

    def serve(self, endpoint: Endpoint) -> Callable[[Decorated], Decorated]:
        """Declare that the decorated view serves the endpoint."""

        def remember(view: Decorated) -> Decorated:
            self.append(Route(self._subject, endpoint, view))
            return view

        return remember


@dataclass(frozen=True, slots=True)
class Call:
    """A request as its view sees it: who asks, and the parts that can answer."""

    front: Front
    identity: Identity

    @property
    def reader(self) -> Reader:
        """Who asks."""
        return self.identity.reader

    @property
    def store(self) -> Store:
        """The storage."""
        return self.front.services.store

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self.front.services.settings


def _kind(parameter: str) -> str:
    if parameter.endswith("_id"):
        return "uuid"
    return "string" if parameter == "secret" else "int(min=1, max=1000000)"


def checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Query parameters or form fields as their model. Raises `InvalidRequest`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _refused(error) from None


def _body(model: type[Model]) -> Model:
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send the body as {JSON}.")
    data = request.get_data(cache=False)
    most = request.max_content_length
    if request.content_length is None and most is not None and len(data) >= most:
        # A body of unknown length is cut off at the limit without a word.
        raise TooLarge(f"The body is larger than {most:,} bytes.")
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> InvalidRequest:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    told = [": ".join(filter(None, [".".join(map(str, one["loc"])), one["msg"]])) for one in details[:5]]
    return InvalidRequest("; ".join(told) + ".")


def register(app: Flask, front: Front, routes: list[Route]) -> None:
    """Let the application serve the routes."""
    for route in routes:
        app.add_url_rule(route.endpoint.rule, route.name, _served(front, route), methods=[route.endpoint.method])


def _served(front: Front, route: Route) -> Callable[..., Response]:
    endpoint, view = route.endpoint, route.view

    def serve(**path: object) -> Response:
        arguments: dict[str, object] = {
            name: str(value) if name.endswith("_id") else value for name, value in path.items()
        }
        if endpoint.query is not None:
            arguments["query"] = checked(endpoint.query, request.args.to_dict())
        if endpoint.body is not None:
            arguments["body"] = _body(endpoint.body)
        given = view(Call(front, g.identity), **arguments)
        if isinstance(given, Response):
            return given
        response = jsonify(given)
        response.status_code = endpoint.status
        return response

    return serve
