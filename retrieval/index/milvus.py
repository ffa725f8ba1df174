"""The index in a Milvus server that all machines of an installation share, kept in step with the database.

Which process writes, a lease in the database decides. What a collection of Milvus holds is in `milvus_collection`.
"""

import logging
import re
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from hashlib import sha256
from itertools import takewhile
from threading import Lock, RLock

import numpy as np

from core.errors import LeaseLost, Unavailable
from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.installation import REINDEX
from core.storage.store import Store
from core.values import IndexChange, Operation
from retrieval.embedders import open_embedder
from retrieval.embedders.recipes import agreed
from retrieval.index.indexer import Indexer
from retrieval.index.milvus_collection import MilvusCollection, condition
from retrieval.index.milvus_connection import CollectionMissing, away
from retrieval.index.protocol import NOTHING, Ids, IndexDamaged, Scores

# Raise when the collections change, so that new ones are made.
_SCHEMA = 2
# With what tells its collection from others: an index that is made beside another one has a writer of its own.
_LEASE = "milvus indexer"
_CHANGES_AT_ONCE = 100
_ROWS_AT_ONCE = 256
# Conditions are text that the server parses. What is left out here, the database still takes out of the result.
_MOST_HIDDEN = 1_000
_log = logging.getLogger(__name__)


def _open_collection(settings: Settings, store: Store, embedder: str) -> MilvusCollection:
    """The collection of this installation, embedder and schema, whether it is there or not."""
    readable = re.sub(r"\W+", "_", embedder, flags=re.ASCII)[-40:]
    return MilvusCollection(settings, f"{_prefix(store)}v{_SCHEMA}_{readable}_{_digest(embedder)}")


def _digest(embedder: str) -> str:
    return sha256(embedder.encode()).hexdigest()[:8]


def _prefix(store: Store) -> str:
    return f"archivar_{store.installation.number():x}_"


class MilvusIndex:
    """A `LiveIndex` over the server; in memory are only the documents whose changes it does not show yet."""

    def __init__(self, settings: Settings, store: Store, embedder: str) -> None:
        self._store = store
        self._embedder = embedder
        self._collection = _open_collection(settings, store, embedder)
        self._lock = Lock()
        # Documents whose newest change the server may not show yet, with the number of that change.
        self._hidden: dict[str, int] = {}
        self._shown = self._seen = 0
        self._answers = True
        with suppress(Unavailable):  # which is said to whoever searches
            self.add_pending()
            self.follow()

    def follow(self) -> None:
        """Let deletions and replacements up to this moment take effect; asks only the database."""
        with self._lock:
            while changes := self._store.changes.since(self._seen):
                for change in changes:
                    self._hidden.pop(change.document_id, None)  # the newest change stands last
                    self._hidden[change.document_id] = change.sequence
                self._seen = changes[-1].sequence

    def add_pending(self, *, lasting: bool = False) -> None:
        """Look how far the server is. Raises `Unavailable`, as searches do from then on until this succeeds."""
        try:
            shown = self._collection.mark()
        except CollectionMissing:
            shown = 0
        except Unavailable:
            self._answers = False
            raise
        if shown > self._store.changes.latest():
            shown = 0  # of a database that has since been put back to an older state
        with self._lock:
            self._seen = shown if shown < self._shown else max(self._seen, shown)
            self._shown = shown
            self._hidden = {document: n for document, n in self._hidden.items() if n > shown}
            self._answers = True

    def behind(self) -> int:
        """How many changed documents searches do not show yet. Raises `Unavailable`."""
        self._refuse_silence()
        with self._lock:
            return len(self._hidden)

    def nearest(
        self, vectors: Scores, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """See `LiveIndex`."""
        if not len(vectors):
            return NOTHING
        return self._asked(lambda among: self._collection.nearest(vectors, k, among), collections, documents)

    def matching(
        self, text: str, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """See `LiveIndex`."""
        return self._asked(lambda among: self._collection.matching(text, k, among), collections, documents)

    def rarity(self, _text: str) -> dict[str, float]:
        """See `LiveIndex`; the server does not say."""
        return {}

    def _asked(
        self,
        search: Callable[[str], tuple[Ids, Scores]],
        collections: Collection[str] | None,
        documents: Collection[str] | None,
    ) -> tuple[Ids, Scores]:
        self._refuse_silence()
        with self._lock:
            hidden = list(self._hidden)[-_MOST_HIDDEN:]
        among = condition(collections, documents, hidden)
        if among is None:
            return NOTHING
        try:
            return search(among)
        except CollectionMissing as error:
            agreed = self._store.agreements.embedder()
            if agreed is not None and agreed.name != self._embedder:
                raise IndexDamaged("another embedder answers by now") from error
            return NOTHING
        except Unavailable:
            self._answers = False
            raise

    def _refuse_silence(self) -> None:
        # Not asked again by searches: a server that is silent would keep every thread waiting.
        if not self._answers:
            raise away()

    def close(self) -> None:
        """Let go of the connection."""
        self._collection.close()


class MilvusIndexer(Indexer):
    """Keeps the server in step with the database, from whichever machine holds the lease. Thread-safe.

    It writes the index of the agreed embedder, or, given a recipe, that of another one beside it.
    """

    def __init__(self, settings: Settings, store: Store, recipe: Recipe | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._store = store
        self._beside = recipe
        self._prefix = _prefix(store)
        self._open: tuple[Recipe, MilvusCollection] | None = None
        self._lock = RLock()
        self._lease = 0
        self._renew_at = 0.0
        self._tidy = False

    def try_own(self) -> bool:
        """Become the indexer unless another process is; whether this one is for the next half of a lease.

        Raises `EmbedderMissing` where no embedder is agreed on and the one of the settings is not here.
        """
        with self._lock:
            self._follow_agreement()
            return self._extend()

    def _extend(self) -> bool:
        began = time.monotonic()
        if self._lease and began < self._renew_at:
            return True
        lease = self._store.installation.lease(self._lease_name, self._settings.lease_seconds, self._lease)
        self._lease = lease or 0
        self._renew_at = began + self._settings.lease_seconds / 2
        return lease is not None

    def _follow_agreement(self) -> None:
        """Let go of the collection of an embedder that does not answer any more; never in the midst of writing."""
        recipe = self._beside or agreed(self._settings, self._store)
        if self._open is None or self._open[0].name != recipe.name:
            self._give_up()
            self._open = recipe, _open_collection(self._settings, self._store, recipe.name)
            self._tidy = False

    @property
    def _recipe(self) -> Recipe:
        return self._opened()[0]

    @property
    def _collection(self) -> MilvusCollection:
        return self._opened()[1]

    @property
    def _lease_name(self) -> str:
        return f"{_LEASE} {_digest(self._recipe.name)}"

    def _opened(self) -> tuple[Recipe, MilvusCollection]:
        if self._open is None:
            self._follow_agreement()
        if self._open is None:
            raise RuntimeError("no collection is open")
        return self._open

    def catch_up(self) -> int:
        """See `Indexer`. Raises `LeaseLost` when another process took over, `Unavailable` without the server."""
        with self._lock:
            if not self._lease:
                raise RuntimeError("only the indexer may write")
            try:
                reached = self._ready()
                while changes := self._embedded(self._store.changes.since(reached, _CHANGES_AT_ONCE)):
                    self._apply(changes)
                    reached = changes[-1].sequence
                self._drop_others()
            except CollectionMissing as error:
                raise Unavailable("The index was removed while it was being written.", retry_after=5) from error
            return reached

    def rebuild(self) -> int:
        """See `Indexer`. Searches find what is there again as it fills."""
        with self._lock:
            self._prove_owner()
            self._collection.drop()
            self._tidy = False
            return self.catch_up()

    def check(self) -> list[str]:
        """See `Indexer`; a server that does not answer is also something wrong."""
        latest, passages = self._store.changes.latest(), set(self._store.inspection.published())
        try:
            with self._lock:
                self._follow_agreement()
            mark, there = self._collection.mark(), self._collection.passages()
        except CollectionMissing:
            return ["milvus: the collection is missing"] if latest else []
        except Unavailable as error:
            return [f"milvus: {error.message}"]
        if mark != latest:
            return ["milvus: changes of the database are missing"]
        if there != passages:
            return [f"milvus: {len(passages - there)} passages are missing, {len(there - passages)} are too many"]
        return []

    def remains(self, document_ids: Collection[str]) -> int:
        """See `Indexer`; what the server keeps of deleted rows until it compacts, it shows to nobody."""
        among = condition(None, document_ids, ())
        try:
            with self._lock:
                self._follow_agreement()
            return self._collection.rows(among) if among is not None else 0
        except CollectionMissing:
            return 0

    def shown(self) -> int:
        """See `Indexer`."""
        try:
            return self._collection.mark()
        except CollectionMissing:
            return 0

    def passages(self) -> int:
        """See `Indexer`."""
        try:
            return self._collection.count()
        except CollectionMissing:
            return 0

    def _let_go(self) -> None:
        with self._lock:
            self._give_up()

    def _give_up(self) -> None:
        if self._open is None:
            return
        if self._lease:
            self._store.installation.give_back(self._lease_name, self._lease)
            self._lease = 0
        self._open[1].close()
        self._open = None

    def _begin_again(self) -> None:
        """Nothing is remembered of the server that could be wrong."""

    def _ready(self) -> int:
        """Have a collection; the last change that it shows."""
        try:
            reached = self._collection.mark()
            if reached <= self._store.changes.latest():
                return reached
            _log.warning("The index is newer than the database; it is made anew.")
            self._prove_owner()
            self._collection.drop()
        except CollectionMissing:
            pass
        self._prove_owner()
        self._collection.create(self._dimensions())
        return 0

    def _dimensions(self) -> int:
        for change in self._store.changes.since(0, _CHANGES_AT_ONCE):
            blob = self._store.passages.vectors(change.version_id, self._recipe.name) if change.version_id else None
            if change.version_id and blob:
                return len(blob) // np.dtype("<f2").itemsize // len(self._store.passages.ids(change.version_id))
        return open_embedder(self._settings, self._recipe).dimensions

    def _embedded(self, changes: list[IndexChange]) -> list[IndexChange]:
        """The changes, beside the index that answers only up to the first one whose vectors are still to come."""
        if self._beside is None:
            return changes
        there = self._store.vectors.embedded([c.version_id for c in changes if c.version_id], self._beside.name)
        return list(takewhile(lambda change: change.version_id is None or change.version_id in there, changes))

    def _apply(self, changes: list[IndexChange]) -> None:
        """Write changes so that writing them again changes nothing."""
        dimensions = self._collection.dimensions()
        self._prove_owner()
        self._collection.delete([change.document_id for change in changes])
        for change in changes:
            if change.operation is Operation.PUBLISH and change.version_id:
                self._put(change.version_id, change.sequence, dimensions)
        self._prove_owner()
        self._collection.set_mark(changes[-1].sequence, dimensions)

    def _put(self, version_id: str, sequence: int, dimensions: int) -> None:
        passages = self._store.passages.of_version(version_id)
        blob = self._store.passages.vectors(version_id, self._recipe.name) or b""
        vectors = np.zeros((len(passages), dimensions), np.float32)
        # Embedded by another model and not yet again: found by its words alone, as in the local index.
        if len(blob) == vectors.size * np.dtype("<f2").itemsize:
            vectors[:] = np.frombuffer(blob, "<f2").reshape(vectors.shape)
        for start in range(0, len(passages), _ROWS_AT_ONCE):
            self._prove_owner()
            some = slice(start, start + _ROWS_AT_ONCE)
            self._collection.put(passages[some], vectors[some], sequence)

    def _prove_owner(self) -> None:
        # Half a lease is left, and a write is given up before that.
        if not self._extend():
            raise LeaseLost("Another process writes the index now.")

    def _drop_others(self) -> None:
        """Remove what an earlier embedder or schema has left; deleted text must not lie on there."""
        # While passages are embedded anew, the index beside this one is still to come, or this one is.
        if self._tidy or self._beside is not None or self._store.installation.is_held(REINDEX):
            return
        if self._store.agreements.embedder() != self._recipe:
            return  # another embedder has been agreed on since this began: its index is not an earlier one
        for name in self._collection.names():
            if name.startswith(self._prefix) and name != self._collection.name:
                self._prove_owner()
                _log.warning("The index %s is no longer used and is removed.", name)
                self._collection.drop(name)
        self._tidy = True
