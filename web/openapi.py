"""The OpenAPI 3.1 document, made from the declarations of the routes. Nothing about an endpoint is written here."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from core.errors import ArchivarError, InvalidRequest, NotSignedIn, TooLarge
from core.wire import Json
from web import models
from web.api import JSON, Endpoint, Route
from web.problems import MEDIA_TYPE, problem_of
from web.uploads import FILE_FIELD, MULTIPART

_REFERENCE = "#/components/schemas/{model}"
_EVENTS = "text/event-stream"
# Of this interface, as in its paths; not of the program.
_VERSION = "1"
_ABOUT = """Ask an organisation's documents; every sentence of an answer points at the page that supports it.

Send an API key as `Authorization: Bearer KEY`. Errors are RFC 9457 problem documents whose `code` is stable.
Lists are paged: pass `next_cursor` as `cursor` until it is null. `collections` and `documents` in bodies are ids."""


def describe(routes: Iterable[Route]) -> Json:
    """The OpenAPI document of the routes that are for programs."""
    shown = [route for route in routes if not route.endpoint.is_page]
    paths: dict[str, Json] = {}
    for route in shown:
        paths.setdefault(route.endpoint.path, {})[route.endpoint.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Archivar", "version": _VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"session": []}],
        "tags": [{"name": subject} for subject in dict.fromkeys(route.subject for route in shown)],
        "paths": paths,
        "components": {
            "schemas": _schemas([route.endpoint for route in shown]),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "archivar",
                    "description": "The session of the web page; requests that change something need `X-CSRF-Token`.",
                },
            },
        },
    }


def _operation(route: Route) -> Json:
    endpoint = route.endpoint
    operation: Json = {
        "operationId": route.name.replace(".", "_"),
        "tags": [route.subject],
        "summary": endpoint.summary,
        "parameters": [_path_parameter(name) for name in endpoint.parameters] + _query_parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.body is not None:
        operation["requestBody"] = _content(JSON, _reference(endpoint.body), required=True)
    if endpoint.form is not None:
        operation["requestBody"] = _content(MULTIPART, _form(endpoint.form), required=True)
    if endpoint.public:
        operation["security"] = []
    return operation


def _path_parameter(name: str) -> Json:
    schema = {"type": "string", "format": "uuid"} if name.endswith("_id") else {"type": "integer", "minimum": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(endpoint: Endpoint) -> list[Json]:
    model = endpoint.query or endpoint.form
    if model is None:
        return []
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in model.model_json_schema()["properties"].items()
    ]


def _form(model: type[BaseModel]) -> Json:
    file = {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    fields = model.model_json_schema()["properties"]
    return {"type": "object", "required": [FILE_FIELD], "properties": {FILE_FIELD: file, **fields}}


def _responses(endpoint: Endpoint) -> Json:
    good: Json = {"description": HTTPStatus(endpoint.status).phrase}
    if isinstance(endpoint.gives, str):
        good["content"] = {endpoint.gives: {}}
    else:
        good["content"] = {JSON: {"schema": _reference(endpoint.gives)}}
    if endpoint.events:
        told = "; ".join(f"`{name}`: {model.__name__}" for name, model in endpoint.events.items())
        schema = {"oneOf": [_reference(model) for model in endpoint.events.values()]}
        good["content"][_EVENTS] = {"schema": {"type": "string", "description": f"Events {told}.", "x-data": schema}}
    responses: Json = {str(endpoint.status): good}
    for status, told in _errors(endpoint).items():
        responses[str(status)] = {"description": told, **_content(MEDIA_TYPE, _reference(models.Problem))}
    return responses


def _errors(endpoint: Endpoint) -> dict[int, str]:
    found: list[type[ArchivarError]] = list(endpoint.errors)
    if not endpoint.public:
        found.append(NotSignedIn)
    if endpoint.body is not None:
        found += [InvalidRequest, TooLarge]
    told: dict[int, dict[str, None]] = {}
    for error in sorted(found, key=lambda one: one.status):
        problem = problem_of(error(""))
        told.setdefault(problem.status, {})[f"{problem.title} (`{problem.code}`)"] = None
    return {status: ", ".join(texts) for status, texts in told.items()}


def _schemas(endpoints: Iterable[Endpoint]) -> Json:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(models.Problem, "serialization"): None}
    for endpoint in endpoints:
        if endpoint.body is not None:
            wanted[endpoint.body, "validation"] = None
        for model in (endpoint.gives, *endpoint.events.values()):
            if not isinstance(model, str):
                wanted[model, "serialization"] = None
    _, schema = models_json_schema(list(wanted), ref_template=_REFERENCE)
    definitions: Json = schema["$defs"]
    return definitions


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def _content(media_type: str, schema: Json, **more: Any) -> Json:
    return {"content": {media_type: {"schema": schema}}, **more}
