"""Server-sent events as a reply. What the events say is not decided here."""

from collections.abc import Callable, Iterator

from flask import Response

MEDIA_TYPE = "text/event-stream"


def event_stream(events: Iterator[str], failed: Callable[[Exception], str]) -> Response:
    """A reply that sends each event as soon as there is one; what fails on the way becomes the last of them."""
    response = Response(told(events, failed), mimetype=MEDIA_TYPE)
    # Proxies that collect a reply before they pass it on would make people wait for the whole answer.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def note(text: str) -> str:
    """What clients of the protocol pass over; it keeps a connection alive, and pages may read it."""
    return f": {text}\n\n"


def told(events: Iterator[str], failed: Callable[[Exception], str]) -> Iterator[str]:
    """The events as they go over the wire."""
    # A comment makes the headers go out at once.
    yield note("here it comes")
    try:
        yield from events
    except Exception as error:  # noqa: BLE001 - the status has been sent, so this is the last place to tell what failed
        yield failed(error)
