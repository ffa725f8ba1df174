"""What can go wrong with the model's server, in words for people, and what follows from it for the next request."""

import logging
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import httpx2

from core.errors import ModelUnavailable
from llm.connection import Deadline

# What LangChain, its client, JSON and sockets raise on replies that are not as they should be. Anything can stand
# where they expect an object, so the errors of looking into it are among them.
FOREIGN = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)
GARBAGE = "The language model's server sent something that is not an answer. Check ARCHIVAR_LLM_URL."
BROKE_OFF = "The language model broke off in the middle of its answer. Ask again."
EMPTY = "The language model gave an empty answer. Ask again."
TOO_LONG = "The language model took too long to answer. Ask again, or later."

_STATUS = {
    400: "The language model's server refused the request; the model may be another than ARCHIVAR_LLM_MODEL says.",
    401: "The language model's server wants a key. Set ARCHIVAR_LLM_API_KEY.",
    403: "The language model's server refuses its key. Correct ARCHIVAR_LLM_API_KEY.",
    404: "The language model's server does not know this address or model. "
    "Correct ARCHIVAR_LLM_URL or ARCHIVAR_LLM_MODEL.",
    429: "The language model has too much to do. Ask again in a moment.",
}
_BUSY, _FIRST_OF_SERVER = 429, 500
_LONGEST_HINT = 4_000
_AGAIN_AFTER, _BUSY_AFTER = 0.2, 1.0

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """Kinds of faults, as metrics count them."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BROKEN = "broken"
    GARBAGE = "garbage"
    FAILED = "failed"
    BUSY = "busy"
    REFUSED = "refused"
    EMPTY = "empty"


# An answer that is refused or empty may be due to its question, and nobody else shall have to wait for that.
_OF_THE_SERVER = frozenset(Kind) - {Kind.REFUSED, Kind.EMPTY}
_MAY_PASS = frozenset({Kind.UNREACHABLE, Kind.BROKEN, Kind.FAILED, Kind.BUSY})


class Fault(ModelUnavailable):
    """`reply`: the status of the reply; `hint`: what the server said, never shown or logged; `wait` in seconds."""

    def __init__(
        self, message: str, kind: Kind, *, reply: int | None = None, hint: str = "", wait: float | None = None
    ) -> None:
        later = {Kind.SLOW: 30.0}.get(kind, wait)
        super().__init__(message, retry_after=None if later is None else max(1, round(later)))
        self.kind = kind
        self.reply = reply
        self.hint = hint
        self._wait = wait

    @property
    def of_the_server(self) -> bool:
        """Whether it says that the server is not well."""
        return self.kind in _OF_THE_SERVER

    @property
    def again_after(self) -> float | None:
        """Seconds after which the same request may go better; None where it hardly will."""
        if self.kind not in _MAY_PASS:
            return None
        if self._wait is not None:
            return self._wait
        return _BUSY_AFTER if self.kind is Kind.BUSY else _AGAIN_AFTER

    @property
    def pause(self) -> float:
        """Seconds for which the server wants to be left alone."""
        return self._wait or 0.0


def garbage() -> Fault:
    """The reply is no answer of such a server."""
    return Fault(GARBAGE, Kind.GARBAGE)


def reported() -> Fault:
    """The server says in the middle of an answer that it cannot."""
    return Fault(
        "The language model's server reported an error instead of an answer. Ask again, or look into its log.",
        Kind.FAILED,
    )


def fault_of(error: Exception, deadline: Deadline, where: str) -> Fault:
    """What an error means for people; the log has the rest."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    log.warning("The language model at %s: %s.", where, _details(error, status))
    if deadline.flooded:
        return garbage()
    if deadline.passed:
        return Fault(TOO_LONG, Kind.SLOW)
    if isinstance(status, int):
        return _of_status(status, response)
    if getattr(error, "body", None) is not None:
        return reported()  # what the client of the protocol makes of an error in the middle of a stream
    return _of_connection(error)


def _of_connection(error: Exception) -> Fault:
    if any(isinstance(one, httpx2.ConnectError | httpx2.InvalidURL) for one in _causes(error)):
        return Fault(
            "The language model's server cannot be reached. Start it, or correct ARCHIVAR_LLM_URL.", Kind.UNREACHABLE
        )
    if any(isinstance(one, httpx2.TransportError | OSError) for one in _causes(error)):
        return Fault("The connection to the language model broke off. Ask again.", Kind.BROKEN)
    return garbage()


def _of_status(status: int, response: Any) -> Fault:
    message = _STATUS.get(status, f"The language model's server failed with status {status}.")
    kind = Kind.BUSY if status == _BUSY else Kind.FAILED if status >= _FIRST_OF_SERVER else Kind.REFUSED
    wait = _retry_after(response.headers.get("Retry-After", "")) if kind is not Kind.REFUSED else None
    return Fault(message, kind, reply=status, hint=_said(response), wait=wait)


def _retry_after(text: str) -> float | None:
    """Seconds that a server asks for: a number, or a date."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except ValueError:
            return None
    return seconds if 0 <= seconds < float("inf") else None


def _said(response: Any) -> str:
    try:
        return str(response.text)[:_LONGEST_HINT]
    except (httpx2.HTTPError, httpx2.StreamError, ValueError):
        return ""


def _details(error: BaseException, status: object) -> str:
    """What the log may have of an error: words of this side only, for servers repeat prompts in theirs."""
    if status is not None:
        return f"status {status}"
    told = [error for error in _causes(error) if isinstance(error, httpx2.TransportError | OSError)]
    return f"{type(told[-1]).__name__} {str(told[-1])[:200]!a}" if told else type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
