"""What one process can search right now: vectors in its memory and the node's keywords, kept in step with the database.

Deletions take effect before a search begins (`follow`); additions when `add_pending` is called, in the background.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from threading import Lock

from core.storage.store import Store
from core.values import IndexChange, Operation
from retrieval.index import snapshots
from retrieval.index.keywords import KeywordIndexDamaged, KeywordReader, asked_terms
from retrieval.index.protocol import Ids, Scores
from retrieval.index.vectors import FP16_BYTES, IndexedVersion, VectorIndex

# Documents that are read together: many short ones cost a statement each otherwise, few long ones have some megabytes.
_AT_ONCE = 16
# The ids of passages and their vectors, by version.
Rows = Mapping[str, tuple[Sequence[int], bytes]]
_log = logging.getLogger(__name__)


def changes_after(store: Store, sequence: int) -> Iterator[IndexChange]:
    """All changes after a number, oldest first."""
    while changes := store.changes.since(sequence):
        yield from changes
        sequence = changes[-1].sequence


class LiveVectors:
    """The vector index of this process: a snapshot, and what happened since. Not thread-safe but for `index`."""

    def __init__(self, folder: Path, store: Store, embedder: str) -> None:
        self._store = store
        self._embedder = embedder
        loaded = snapshots.load(folder, embedder)
        if loaded is None or loaded[1] > store.changes.latest():
            loaded = VectorIndex(), 0  # none, or of a database that has since been put back to an older state
        self.index, self.sequence = loaded
        self._pending: dict[str, IndexChange] = {}
        if len(self.index):
            self._compare()

    @property
    def pending(self) -> int:
        """How many documents are still to be added."""
        return len(self._pending)

    def take(self, change: IndexChange) -> None:
        """Take out what the change made invalid, and remember what it added."""
        if change.sequence <= self.sequence:
            return
        self.index.remove(change.document_id)
        self._pending.pop(change.document_id, None)
        if change.operation is Operation.PUBLISH:
            self._pending[change.document_id] = change
        self.sequence = change.sequence

    def next(self) -> list[IndexChange]:
        """Some of what is still to be added; empty when nothing is."""
        return list(islice(self._pending.values(), _AT_ONCE))

    def read(self, changes: Sequence[IndexChange]) -> Rows:
        """What the database holds of them. Any thread may do this, and what is pending may change meanwhile."""
        return self._store.passages.embedded([one.version_id for one in changes if one.version_id], self._embedder)

    def add(self, changes: Sequence[IndexChange], rows: Rows) -> None:
        """Add what was read of them, those left out that something newer has made invalid."""
        for change in changes:
            if self._pending.get(change.document_id) != change:
                continue
            # A version without rows was deleted meanwhile, or embedded by another model and not yet again.
            if change.version_id and change.version_id in rows:
                self._add(
                    IndexedVersion(change.document_id, change.version_id, change.collection_id),
                    *rows[change.version_id],
                )
            del self._pending[change.document_id]

    def add_all(self) -> None:
        """Add everything that is pending."""
        while changes := self.next():
            self.add(changes, self.read(changes))

    def _compare(self) -> None:
        """Take out of a snapshot what the database does not say, and remember what it says beyond that.

        A whole snapshot can still be one of another database, or of this one before a backup was put back.
        """
        held = {version.document_id: (version, span) for version, span in self.index.spans().items()}
        if not self._same_dimensions(version for version, _ in held.values()):
            self.index, self.sequence = VectorIndex(), 0
            return
        for change, span in self._store.changes.spans():
            found = held.pop(change.document_id, None)
            if change.sequence > self.sequence:
                continue  # `take` will see to it
            published = change.operation is Operation.PUBLISH and span[1] > 0
            version = IndexedVersion(change.document_id, change.version_id or "", change.collection_id)
            if published and found == (version, span):
                continue
            self.index.remove(change.document_id)
            if published:
                self._pending[change.document_id] = change
        for document_id in held:
            self.index.remove(document_id)

    def _same_dimensions(self, versions: Iterable[IndexedVersion]) -> bool:
        for version in versions:
            blob = self._store.passages.vectors(version.version_id, self._embedder)
            passages = len(self._store.passages.ids(version.version_id)) if blob else 0
            if blob and passages:
                return len(blob) == passages * self.index.dimensions * FP16_BYTES
        return False

    def _add(self, version: IndexedVersion, passages: Sequence[int], blob: bytes) -> None:
        try:
            self.index.add(version, passages, blob)
        except ValueError as error:
            _log.warning("Found by its words alone, until `./archivar reindex`: %s: %s", version.document_id, error)


class LocalIndex:
    """Both indexes of this process. Thread-safe."""

    def __init__(self, root: Path, store: Store, embedder: str, *, proved: bool = False) -> None:
        """With `proved` the keywords' files are not compared with their hashes once more."""
        self._store = store
        self._lock = Lock()
        self._reader = KeywordReader(root / "keywords")
        if not proved:
            self._reader.prove()
        self._reader.reload()
        self._vectors = LiveVectors(root / "vectors", store, embedder)
        if self._reader.sequence > store.changes.latest():
            raise KeywordIndexDamaged("the index is newer than the database")
        # Documents whose newest change the keyword folder may not show yet, with the number of that change.
        self._hidden: dict[str, int] = {}
        self._seen = min(self._reader.sequence, self._vectors.sequence)
        self.follow()
        self._add_all()

    def close(self) -> None:
        """Nothing is held that the collector does not free."""

    def behind(self) -> int:
        """How many changed documents searches do not show yet."""
        with self._lock:
            return max(len(self._hidden), self._vectors.pending)

    def follow(self) -> None:
        """Let deletions and replacements up to this moment take effect. Raises `KeywordIndexDamaged`."""
        with self._lock:
            for change in changes_after(self._store, self._seen):
                self._hidden[change.document_id] = change.sequence
                self._vectors.take(change)
                self._seen = change.sequence
            self._reader.reload()
            shown = self._reader.sequence
            self._hidden = {document: n for document, n in self._hidden.items() if n > shown}

    def add_pending(self, *, lasting: bool = False) -> None:
        """See `LiveIndex`."""
        self._add_all()
        while lasting and self._vectors.index.sketch():
            pass

    def _add_all(self) -> None:
        while True:
            with self._lock:
                changes = self._vectors.next()
            if not changes:
                return
            rows = self._vectors.read(changes)
            with self._lock:
                self._vectors.add(changes, rows)

    def nearest(
        self, vectors: Scores, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """See `LiveIndex`."""
        return self._vectors.index.search(vectors, k, collections, documents)

    def matching(
        self, text: str, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """See `LiveIndex`."""
        return self._reader.search(text, k, collections, documents, list(self._hidden))

    def rarity(self, text: str) -> dict[str, float]:
        """See `LiveIndex`."""
        return self._reader.rarity(asked_terms(text))
