"""Reading request bodies without being held up by them, and letting a client finish sending before it is answered.

A client that is still sending when the server answers and closes sees a broken pipe instead of the answer. So what
the application left unread is read and dropped first, within bounds of size and time.
"""

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestTimeout
from werkzeug.wsgi import get_content_length

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_DROP_BYTES = 256 * 1024 * 1024
_STEP = 256 * 1024
_PAUSES = 2


class _Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Body:
    """`wsgi.input` with the server's errors translated: 408 for silence, 400 for a body that breaks off."""

    def __init__(self, source: _Source, length: int | None) -> None:
        self._source = source
        self._left = length

    @property
    def is_read(self) -> bool:
        """Whether nothing is left, as far as that is known."""
        return self._left == 0

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; empty at the end."""
        try:
            data = self._source.read(size)
        except TimeoutError:
            raise RequestTimeout("The rest of the request did not arrive in time.") from None
        except (OSError, ParseException):
            raise ClientDisconnected("The request broke off.") from None
        if not data and size:
            self._left = 0
        elif self._left is not None:
            self._left -= len(data)
        return data

    def drop(self, most: int = _DROP_BYTES) -> None:
        """Read and forget what is left, up to `most` bytes."""
        while most > 0 and not self.is_read:
            try:
                most -= len(self.read(_STEP))
            except (BadRequest, RequestTimeout):
                return


class PatientBodies:
    """A WSGI wrapper that answers only after the request has been read, or was given up on.

    `silence` is the number of seconds that a client may neither send nor take anything; what the application does not
    want to read has twice as long to arrive.
    """

    def __init__(self, application: "WSGIApplication", silence: float) -> None:
        self._application = application
        self._silence = silence

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Run the application."""
        body = environ["wsgi.input"] = Body(environ["wsgi.input"], _length(environ))
        connection = environ.get("gunicorn.socket")
        if connection is not None:
            # gunicorn's threads wait for ever on a client that promised more bytes than it sends.
            connection.settimeout(self._silence)
        response = self._application(environ, start_response)
        if environ.get("wsgi.input_terminated") and not body.is_read:
            self._drop(body, connection)
        return response

    def _drop(self, body: Body, connection: socket.socket | None) -> None:
        # Bytes that trickle in one by one are never silent, so the end comes from outside.
        alarm = threading.Timer(self._silence * _PAUSES, _stop_listening, [connection])
        alarm.daemon = True
        alarm.start()
        body.drop()
        alarm.cancel()


def _length(environ: "WSGIEnvironment") -> int | None:
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    return get_content_length(environ) or 0


def _stop_listening(connection: socket.socket | None) -> None:
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
