"""The indexer of a node's files: the one process that writes the keyword folder and the snapshots of vectors.

Which process that is, a file lock decides; the kernel gives it up when the process dies.
"""

import fcntl
import logging
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from threading import RLock
from typing import IO

from core.settings import Settings
from core.storage.store import Store
from core.values import IndexChange, Operation
from retrieval.index import keywords, snapshots
from retrieval.index.durable import read_manifest, write_manifest
from retrieval.index.indexer import Indexer
from retrieval.index.keywords import KeywordWriter
from retrieval.index.live import LiveVectors, changes_after

_ORIGIN = "origin.json"
_CHANGES_AT_ONCE = 1000
# A snapshot is worth writing when reading the difference from the database would take longer than it should.
_ROWS_WORTH_SAVING = 2_000
_PART_WORTH_SAVING = 10
# Of a keyword folder that is written anew, in such portions, between which the other one is kept up to date.
_PASSAGES_AT_ONCE = 2_000
# How much longer than it took to write one it is left alone.
_RENEWAL_REST = 20.0
_log = logging.getLogger(__name__)


class LocalIndexer(Indexer):
    """Keeps the node's derived indexes in step with the database. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        super().__init__()
        self._root = settings.index_dir
        self._store = store
        self._lock = RLock()
        self._ownership: IO[str] | None = None
        self._writer: KeywordWriter | None = None
        self._renewal: KeywordWriter | None = None
        self._renew_at = 0.0
        self._renewal_seconds = 0.0
        self._vectors_proved = -1

    def try_own(self) -> bool:
        """Become the indexer of the node unless another process is; whether this one is now."""
        with self._lock:
            if self._ownership is None:
                self._root.mkdir(parents=True, exist_ok=True)
                lock = (self._root / "owner.lock").open("w")
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.close()
                    return False
                self._ownership = lock
            return True

    def catch_up(self) -> int:
        """Write everything that the database says and the indexes do not; the sequence number reached.

        Call it as the indexer of the node, that is after `try_own` said yes.
        """
        with self._lock:
            if self._ownership is None:
                raise RuntimeError("only the indexer of the node may write")
            just_opened = self._writer is None
            writer = self._opened_writer()
            self._follow(writer)
            if just_opened and self._miscounted():
                _log.warning("The keywords are not those of the database's passages; they are made anew.")
                writer.rebuild()
                self._follow(writer)
            self._save_snapshot()
            return writer.sequence

    def rebuild(self) -> int:
        """Make all indexes anew from the database; the sequence number reached."""
        with self._lock:
            shutil.rmtree(self._root / "vectors", ignore_errors=True)
            self._renewal = None
            self._opened_writer().rebuild()
            return self.catch_up()

    def check(self) -> list[str]:
        """What is wrong with the indexes on disk, in words; nothing when they hold what the database says."""
        with self._lock:
            found = keywords.faults(self._root / "keywords") + snapshots.faults(self._root / "vectors")
            if found:
                return found
            if self.shown() != self._store.changes.latest():
                return ["keywords: changes of the database are missing"]
            return self._miscounted() or self._mistaken()

    def remains(self, document_ids: Collection[str]) -> int:
        """See `Indexer`."""
        reader = keywords.KeywordReader(self._root / "keywords")
        reader.reload()
        wanted = set(document_ids)
        return len(reader.written(wanted) | (snapshots.documents(self._root / "vectors") & wanted))

    def purge(self) -> None:
        """See `Indexer`."""
        with self._lock:
            self.catch_up()
            while not self._renewed():
                pass

    def _renew_some(self) -> None:
        with self._lock:
            if time.monotonic() > self._renew_at:
                self._renewed()

    def _renewed(self) -> bool:
        """Write a portion of a new keyword folder, beside the one that is searched; True where none is needed."""
        writer = self._opened_writer()
        if self._renewal is None:
            if not writer.stale:
                self._forget_deleted_vectors(writer.sequence)
                return True
            self._renewal = KeywordWriter(self._root / "keywords", beside=True)
            writer.spared = self._renewal.folder
            self._renewal_seconds = 0.0
        began = time.monotonic()
        if portion := self._portion(self._renewal.sequence):
            self._apply(self._renewal, portion)
            self._renewal_seconds += time.monotonic() - began
            return False
        self._renewal.publish()
        self._writer, self._renewal = self._renewal, None
        # However often documents are deleted, this takes a small part of the time.
        self._renew_at = time.monotonic() + self._renewal_seconds * _RENEWAL_REST
        return False

    def _portion(self, sequence: int) -> list[IndexChange]:
        """The next changes, with not many passages in all."""
        changes = self._store.changes.since(sequence, _CHANGES_AT_ONCE)
        sizes = self._store.inspection.passages_of([one.version_id for one in changes if one.version_id])
        room = _PASSAGES_AT_ONCE
        for number, change in enumerate(changes, 1):
            room -= sizes.get(change.version_id or "", 0)
            if room <= 0:
                return changes[:number]
        return changes

    def _forget_deleted_vectors(self, sequence: int) -> None:
        folder, agreed = self._root / "vectors", self._store.agreements.embedder()
        if agreed is None or sequence == self._vectors_proved:
            return
        began = time.monotonic()
        if not snapshots.documents(folder) <= self._store.documents.all_ids():
            self._save(agreed.name)
            snapshots.keep_newest(folder)
        self._vectors_proved = sequence
        self._renew_at = time.monotonic() + (time.monotonic() - began) * _RENEWAL_REST

    def leftovers(self) -> list[Path]:
        """See `Indexer`."""
        return keywords.leftovers(self._root / "keywords") + snapshots.leftovers(self._root / "vectors")

    def shown(self) -> int:
        """The last change that the keyword folder shows."""
        return keywords.sequence_of(self._root / "keywords")

    def passages(self) -> int:
        """How many passages are in the keyword folder."""
        reader = keywords.KeywordReader(self._root / "keywords")
        reader.reload()
        return reader.passages()

    def _let_go(self) -> None:
        with self._lock:
            self._writer = self._renewal = None
            if self._ownership is not None:
                self._ownership.close()
                self._ownership = None

    def _begin_again(self) -> None:
        self._writer = self._renewal = None

    def _opened_writer(self) -> KeywordWriter:
        if self._writer is None:
            self._writer = self._proved_writer()
            if self._writer.sequence > self._store.changes.latest():
                _log.warning("The index is newer than the database; it is made anew.")
                self._writer.rebuild()
        return self._writer

    def _proved_writer(self) -> KeywordWriter:
        folder = self._root / "keywords"
        origin = {"installation": self._store.installation.number()}
        if folder.exists() and read_manifest(folder / _ORIGIN) != origin:
            _log.warning("The keywords may be those of another database; they are made anew.")
            shutil.rmtree(folder)
        try:
            writer = KeywordWriter(folder)
        except ValueError as error:  # of tantivy, for what no hash proves
            _log.warning("The keywords cannot be opened and are made anew: %s", error)
            shutil.rmtree(folder)
            writer = KeywordWriter(folder)
        write_manifest(folder / _ORIGIN, origin)
        return writer

    def _miscounted(self) -> list[str]:
        published = self._store.inspection.published_passages()
        indexed = self.passages()
        if indexed == published or self.shown() != self._store.changes.latest():
            return []
        return [f"keywords: {indexed} passages, the database has {published}"]

    def _mistaken(self) -> list[str]:
        reader = keywords.KeywordReader(self._root / "keywords")
        reader.reload()
        there, wanted = reader.ids(), set(self._store.inspection.published())
        if there == wanted or self.shown() != self._store.changes.latest():
            return []
        return [f"keywords: {len(wanted - there)} passages are missing, {len(there - wanted)} are too many"]

    def _follow(self, writer: KeywordWriter) -> None:
        while changes := self._store.changes.since(writer.sequence, _CHANGES_AT_ONCE):
            self._apply(writer, changes)
        writer.publish()

    def _apply(self, writer: KeywordWriter, changes: list[IndexChange]) -> None:
        published = [c.version_id for c in changes if c.operation is Operation.PUBLISH and c.version_id]
        passages = (self._store.passages.of_version(version_id) for version_id in published)
        writer.apply([c.document_id for c in changes], passages, changes[-1].sequence)

    def _save_snapshot(self) -> None:
        agreed = self._store.agreements.embedder()
        if agreed is None:
            return
        folder = self._root / "vectors"
        snapshots.remove_others(folder, agreed.name)
        sequence, rows = snapshots.newest(folder, agreed.name)
        if sequence > self._store.changes.latest():
            sequence, rows = 0, 0  # of a database that has since been put back to an older state
        if self._store.changes.passages_after(sequence) < max(_ROWS_WORTH_SAVING, rows // _PART_WORTH_SAVING):
            return
        self._save(agreed.name)

    def _save(self, embedder: str) -> None:
        folder = self._root / "vectors"
        vectors = LiveVectors(folder, self._store, embedder)
        for change in changes_after(self._store, vectors.sequence):
            vectors.take(change)
        vectors.add_all()
        agreed = self._store.agreements.embedder()
        if agreed is not None and agreed.name == embedder:  # else its vectors may be gone by half
            snapshots.save(folder, vectors.index, vectors.sequence, embedder)
