"""The indexer of a node's files: the one process that writes the keyword folder and the snapshots of vectors.

Which process that is, a file lock decides; the kernel gives it up when the process dies.
"""

import fcntl
import logging
import shutil
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
            self._writer = None
            if self._ownership is not None:
                self._ownership.close()
                self._ownership = None

    def _begin_again(self) -> None:
        self._writer = None

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
        vectors = LiveVectors(folder, self._store, agreed.name)
        for change in changes_after(self._store, vectors.sequence):
            vectors.take(change)
        while vectors.add_next():
            pass
        if self._store.agreements.embedder() == agreed:  # else its vectors may be gone by half
            snapshots.save(folder, vectors.index, vectors.sequence, agreed.name)
