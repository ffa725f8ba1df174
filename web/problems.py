"""Every error as an RFC 9457 problem: the one place where exceptions become replies. No error is raised here."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    RequestTimeout,
    UnsupportedMediaType,
)
from werkzeug.http import HTTP_STATUS_CODES

from core.errors import ArchivarError, InvalidRequest, NotFound, NotSignedIn, TooLarge
from web import chat

MEDIA_TYPE = "application/problem+json"
_KEPT_HEADERS = frozenset({"Allow", "Content-Range", "Retry-After"})
_log = logging.getLogger(__name__)
_OF_THE_PROTOCOL = (MethodNotAllowed, RequestTimeout, UnsupportedMediaType, RequestedRangeNotSatisfiable)
_CODES = {error.status: error.code for error in (InvalidRequest, NotFound, TooLarge)}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that problems can have, as the documentation explains it."""

    code: str
    status: int
    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document; `type` points at its explanation in the documentation."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def subclasses(error: type[ArchivarError] = ArchivarError) -> Iterator[type[ArchivarError]]:
    """The error and everything below it."""
    yield error
    for child in error.__subclasses__():
        yield from subclasses(child)


def codes() -> list[Code]:
    """Every code that a problem can have, by status."""
    own = [Code(error.code, error.status, error.title, error.__doc__ or "") for error in subclasses()]
    protocol = [
        Code(_code(error), error.code or 0, _name(error), error.description or "") for error in _OF_THE_PROTOCOL
    ]
    return sorted([*own, *protocol], key=lambda code: (code.status, code.code))


def _name(error: type[HTTPException] | HTTPException) -> str:
    return HTTP_STATUS_CODES[error.code or 500]


def _code(error: type[HTTPException] | HTTPException) -> str:
    status = error.code or 500
    return _CODES.get(status, _name(error).lower().replace(" ", "_"))


def problem_of(error: Exception) -> Problem:
    """What the caller may know of an error; one that nobody foresaw is logged and keeps its words to itself."""
    if isinstance(error, ArchivarError):
        return _problem(error.title, error.status, error.message, error.code)
    if isinstance(error, HTTPException) and error.code is not None:
        return _problem(error.name, error.code, error.description or error.name, _code(error))
    _log.error("a request failed", exc_info=error)
    failed = ArchivarError("This should not have happened. The server's log says more.")
    return problem_of(failed)


def _problem(title: str, status: int, detail: str, code: str) -> Problem:
    return Problem(f"/api/docs#{code}", title, status, detail, code)


def problem_json(error: Exception) -> dict[str, Any]:
    """The problem document of an error."""
    return asdict(problem_of(error))


def _reply(error: Exception) -> Response:
    problem = problem_of(error)
    if request.accept_mimetypes.best_match([MEDIA_TYPE, "text/html"]) == "text/html":
        template = "sign_in.html" if problem.status == NotSignedIn.status else "problem.html"
        response = Response(render_template(template, problem=problem), mimetype="text/html")
    else:
        body = asdict(problem)
        if request.path.startswith(chat.PREFIX):
            body["error"] = chat.error_json(body)
        response = jsonify(body)
        response.mimetype = MEDIA_TYPE
    response.status_code = problem.status
    if isinstance(error, HTTPException):
        kept = [(name, value) for name, value in error.get_headers() if name in _KEPT_HEADERS]
        response.headers.extend(kept)
    if isinstance(error, ArchivarError) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if problem.status == NotSignedIn.status:
        response.headers["WWW-Authenticate"] = 'Bearer realm="archivar"'
    return response


def register(app: Flask) -> None:
    """Answer every error of the application with its problem document, or with a page where a browser asks."""
    app.register_error_handler(Exception, _reply)
