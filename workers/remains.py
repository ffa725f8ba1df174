"""Looks for remains of deleted documents where the database cannot: by searches, in the index and in Redis."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import RedisError

from core.errors import ArchivarError
from core.results import SearchResult
from core.settings import Settings
from core.storage.remains import Look, Traces
from core.storage.store import Store
from core.values import Reader
from workers.broker import redis_client

_EVERYBODY = Reader(None, operator=True)
_HITS = 10
_KEYS_AT_ONCE = 500
# More than doorbells and counters ever are.
_MOST_KEYS = 100_000


class Searches(Protocol):
    """The retriever, as far as it is needed here."""

    def search(self, reader: Reader, query: str, *, k: int = 10) -> SearchResult:
        """The best passages."""
        ...


class Remains:
    """What `Receipts.complete` asks for elsewhere. Given searches, as in a web server, it asks those, and leaves the
    index to a later look, since that is written anew in the background."""

    def __init__(self, settings: Settings, store: Store, searches: Searches | None = None) -> None:
        self._settings = settings
        self._store = store
        self._searches = searches

    def __call__(self, traces: Traces) -> Look:
        """Ask for the words of the document with all rights, and count what speaks of it in the index and in Redis."""
        found: dict[str, dict[str, int] | None] = {}
        if traces.words:
            found["search"] = self._searched(traces)
            found["redis"] = _in_redis(redis_client(self._settings), traces)
        asked = None not in found.values()
        if self._searches is None:
            found["index"] = self._indexed(traces)
        left = any(part["left"] for part in found.values() if part is not None)
        settled = self._searches is None and None not in found.values() and not left
        return Look(found, clean=not left, asked=asked, settled=settled)

    def _searched(self, traces: Traces) -> dict[str, int] | None:
        if self._searches is not None:
            return _asked(self._searches, traces)
        from retrieval.retriever import Retriever  # noqa: PLC0415 - most upkeep has nothing to ask

        with closing(Retriever(self._settings, self._store)) as retriever:
            return _asked(retriever, traces)

    def _indexed(self, traces: Traces) -> dict[str, int] | None:
        from retrieval.index.opening import open_indexer  # noqa: PLC0415 - see above

        try:
            with closing(open_indexer(self._settings, self._store)) as indexer:
                if indexer.try_own():  # without a server nobody else writes the index anew
                    indexer.purge()
                return {"left": indexer.remains(traces.ids)}
        except ArchivarError:
            return None


def _asked(searches: Searches, traces: Traces) -> dict[str, int] | None:
    """How many questions were made of the document's words, and how many hits were still of it."""
    gone = frozenset(traces.ids)
    try:
        hits = [hit for words in traces.words for hit in searches.search(_EVERYBODY, words, k=_HITS).hits]
    except ArchivarError:
        return None
    return {"questions": len(traces.words), "left": sum(hit.passage.document_id in gone for hit in hits)}


def _in_redis(client: Redis | None, traces: Traces) -> dict[str, int] | None:
    """How many keys there are, and how many hold words of the document, in their names or in what they say."""
    if client is None:
        return {"keys": 0, "left": 0}
    try:
        with closing(client):
            return _counted(client, [one.encode() for one in traces.words])
    except RedisError:
        return None


def _counted(client: Redis, words: Sequence[bytes]) -> dict[str, int] | None:
    keys = left = 0
    for key in client.scan_iter(count=_KEYS_AT_ONCE):
        keys += 1
        left += any(one in text for text in _texts(client, key) for one in words)
        if keys == _MOST_KEYS:
            return None
    return {"keys": keys, "left": left}


def _texts(client: Redis, key: Any) -> Iterator[bytes]:
    yield _bytes(key)
    match _bytes(client.type(key)):
        case b"string":
            yield _bytes(client.get(key) or b"")
        case b"list":
            yield from map(_bytes, client.lrange(key, 0, -1))
        case b"set":
            yield from map(_bytes, client.smembers(key))
        case b"zset":
            yield from map(_bytes, client.zrange(key, 0, -1))
        case b"hash":
            for name, value in client.hgetall(key).items():
                yield from (_bytes(name), _bytes(value))
        case b"stream":
            for _, fields in client.xrange(key) or ():
                yield from (_bytes(value) for value in (fields or {}).values())


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
