"""The connection to a Milvus server: made when needed, made anew after trouble, its errors translated into ours.

What is stored there is in `milvus_collection`.
"""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import grpc  # type: ignore[import-untyped]  # has no stubs
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from core.errors import Unavailable
from core.settings import Settings

_CONNECT_SECONDS = 3.0
_REST_SECONDS = 0.5
_CHANNEL = {
    # Calls have time limits of their own; pings more often than this are more than servers put up with.
    "grpc.keepalive_time_ms": 300_000,
    # Without these a channel that was refused a few times looks again only after minutes, and new ones with it.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 1_000,
}
# Of Milvus, see its `merr` package.
_NO_COLLECTION, _NOT_LOADED = 100, 101
# Of pymilvus: unexpected, and not connected.
_CONNECTION = (1, 2)
_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)
# It would print a traceback for each call that fails; what fails is said here.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


class CollectionMissing(Exception):
    """The server has no such collection. Never leaves `retrieval.index`."""


class CollectionNotLoaded(Exception):
    """The server has the collection, but not in its memory. Never leaves `retrieval.index`."""


class MilvusConnection:
    """A connection of its own to the server that the settings name. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._url, self._token = settings.milvus_url, settings.milvus_token
        self._lock = Lock()
        self._client: MilvusClient | None = None
        self._rests_until = 0.0
        self._silent = False

    def call(self, do: Callable[[MilvusClient], _Result]) -> _Result:
        """Do something with the server. Raises `CollectionMissing`, `CollectionNotLoaded`, and else `Unavailable`."""
        client: MilvusClient | None = None
        try:
            client = self._connected()
            result = do(client)
        except (MilvusException, grpc.RpcError) as error:
            code = getattr(error, "code", None)
            if code == _NO_COLLECTION:
                raise CollectionMissing from error
            if code == _NOT_LOADED:
                raise CollectionNotLoaded from error
            if not self._silent:
                _log.warning("Milvus: %s", error)
            self._silent = True
            # What the server itself refuses has a number of its own; else the connection is what is wrong.
            if not isinstance(code, int) or code in _CONNECTION:
                self._disconnect(client)
            raise away() from error
        self._silent = False
        return result

    def close(self) -> None:
        """Let go of the connection."""
        self._disconnect(self._client)

    def _connected(self) -> MilvusClient:
        with self._lock:
            if self._client is None:
                # Those who wait for the lock need not each wait for a server that does not answer.
                if time.monotonic() < self._rests_until:
                    raise away()
                try:
                    self._client = MilvusClient(
                        self._url,
                        token=self._token.get_secret_value(),
                        timeout=_CONNECT_SECONDS,
                        # Of our own: a shared one that could not be mended once stays closed for all.
                        dedicated=True,
                        grpc_options=_CHANNEL,
                    )
                finally:
                    self._rests_until = time.monotonic() + _REST_SECONDS
            return self._client

    def _disconnect(self, client: MilvusClient | None) -> None:
        """Begin with a fresh connection next time, unless another thread has already."""
        with self._lock:
            if client is self._client:
                self._client = None
            else:
                client = None
        if client is not None:
            client.close()


def away() -> Unavailable:
    """What to raise when the server does not answer."""
    return Unavailable("The index server does not answer. Try again in a moment.", retry_after=5)
