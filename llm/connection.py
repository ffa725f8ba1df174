"""One connection to the model's server for one request, held to deadlines that trickling bytes cannot stretch.

The usual time-outs of HTTP clients begin anew with each byte; these count from the start and from the last word said.
What is asked over the connection is decided in `llm.client`.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import httpcore2
import httpx2

_CONNECT_SECONDS = 5.0
# The waits of one write begin anew with each byte that is taken, so that no write may be long.
_WRITE_BYTES = 8192


class Deadline:
    """How long an exchange may take in all, how long it may be silent, and how many bytes may come back."""

    def __init__(self, seconds: float, silent_seconds: float, most_bytes: int) -> None:
        self._seconds = seconds
        self._silent_seconds = silent_seconds
        self._bytes_left = most_bytes
        self.restart()

    def restart(self) -> None:
        """Count the time from now on."""
        self._heard_at = time.monotonic()
        self._end = self._heard_at + self._seconds

    def heard(self) -> None:
        """Something was said: the silence begins anew. Bytes that say nothing do not count."""
        self._heard_at = time.monotonic()

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self._left() <= 0

    @property
    def flooded(self) -> bool:
        """Whether more came than an answer can be."""
        return self._bytes_left < 0

    def time_left(self) -> float:
        """Seconds that one more wait may take. Raises `httpcore2.ReadTimeout` when the time is up."""
        left = self._left()
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        return left

    def count(self, size: int) -> None:
        """Note bytes that came. Raises `httpcore2.ReadError` when they are too many."""
        self._bytes_left -= size
        if self.flooded:
            raise httpcore2.ReadError("the reply is too large")

    def _left(self) -> float:
        return min(self._end, self._heard_at + self._silent_seconds) - time.monotonic()


def open_client(deadline: Deadline, address: str = "") -> httpx2.Client:
    """A client for one exchange; close it, and the connection is gone. It follows no redirects and no proxies.

    With an address the host of a URL is not looked up, and everything else goes by its name as ever.
    """
    return httpx2.Client(
        transport=_Transport(deadline, address), headers={"Accept-Encoding": "identity"}, trust_env=False
    )


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


class _Transport(httpx2.BaseTransport):
    def __init__(self, deadline: Deadline, address: str) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls(),
            network_backend=_Backend(deadline, address),
            max_connections=1,
            max_keepalive_connections=0,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        with _translated():
            response = self._pool.handle_request(
                httpcore2.Request(
                    request.method,
                    httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.read(),
                )
            )
        headers = httpx2.Headers(response.headers)
        if headers.get("Content-Encoding", "identity") != "identity":
            # Unpacked, a few bytes can become many; it was asked not to pack.
            response.close()
            raise httpx2.RemoteProtocolError("the reply is packed", request=request)
        assert isinstance(response.stream, Iterable)
        return httpx2.Response(response.status, headers=headers, stream=_Body(response), request=request)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the lower library become those that the upper one and its users know."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise httpx2.ReadTimeout(str(error)) from error
    except httpcore2.ConnectError as error:
        raise httpx2.ConnectError(str(error)) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise httpx2.ReadError(str(error)) from error


class _Backend(httpcore2.NetworkBackend):
    """Opens sockets whose every wait ends with the deadline."""

    def __init__(self, deadline: Deadline, address: str) -> None:
        self._deadline = deadline
        self._address = address
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        patience = min(self._deadline.time_left(), _CONNECT_SECONDS)
        stream = self._sockets.connect_tcp(self._address or host, port, patience, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._deadline.time_left())
        self._deadline.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITE_BYTES):
            self._stream.write(buffer[start : start + _WRITE_BYTES], self._deadline.time_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        patience = min(self._deadline.time_left(), _CONNECT_SECONDS)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, patience), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
