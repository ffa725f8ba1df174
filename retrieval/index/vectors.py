"""Vectors of one process in memory, searched by FAISS within a set of collections or documents.

Scores are exact; where there are many rows, `sketches` chooses which of them are worth scoring (docs/decisions/0013).
Rows are the fp16 blobs of the database as they are; nothing here reads the database or a file.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from core.errors import EmbedderChanged
from retrieval.index.protocol import NOTHING, Ids, Scores
from retrieval.index.sketches import Sketches

FP16_BYTES = 2
_WORTH_COMPACTING = 10_000
# From so many rows on a first pass pays, and again only among so many that may be found.
_WORTH_SKETCHING = 20_000
# Rows are sketched in such portions, so that searches wait for milliseconds at most.
_PORTION = 1_024
_SAMPLE = 10_000
# How many rows the first pass puts forward for each vector, and of at least how many the best are asked for.
_PUT_FORWARD = 500
_DEEPEST = 250
# So few allowed rows are scored without a first pass.
_FEW = 20_000
# In the time that one row takes to be decoded and scored here, FAISS passes over so many that are not allowed.
_PASSED_OVER = 250


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """The version of a document whose passages are in the index."""

    document_id: str
    version_id: str
    collection_id: str


class VectorIndex:
    """Inner-product search over unit vectors. Thread-safe; a search uses all cores, so searches take turns."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._index: Any = None
        self._sketches: Sketches | None = None
        self._passages: Ids = np.empty(0, np.int64)
        self._slots: NDArray[np.int32] = np.empty(0, np.int32)
        # Added since the arrays were last joined: joining for each document would copy them too often.
        self._new_passages: list[Ids] = []
        self._new_slots: list[NDArray[np.int32]] = []
        # One slot for each version ever added; None once it is removed.
        self._versions: list[IndexedVersion | None] = []
        self._slot_of: dict[str, int] = {}
        self._rows_of: dict[str, int] = {}
        self._live = 0

    def __len__(self) -> int:
        """Rows that can be found."""
        return self._live

    @property
    def documents(self) -> frozenset[str]:
        """Ids of the documents that can be found."""
        return frozenset(self._slot_of)

    @property
    def dimensions(self) -> int:
        """Length of a vector; 0 while there is none."""
        return int(self._index.d) if self._index is not None else 0

    def spans(self) -> dict[IndexedVersion, tuple[int, int]]:
        """The least passage id and the number of passages of each version that can be found."""
        with self._lock:
            self._join()
            least = np.full(len(self._versions), np.iinfo(np.int64).max)
            np.minimum.at(least, self._slots, self._passages)
            return {
                version: (int(least[slot]), self._rows_of.get(version.document_id, 0))
                for slot, version in enumerate(self._versions)
                if version is not None
            }

    def add(self, version: IndexedVersion, passages: Sequence[int] | Ids, blob: bytes) -> None:
        """Put in a version's passages: their ids and one little-endian fp16 row each. Replaces an older version.

        Raises `ValueError` when the blob is not one row of the index's dimension for each passage.
        """
        ids = np.asarray(passages, np.int64)
        with self._lock:
            self._remove(version.document_id)
            slot = len(self._versions)
            self._versions.append(version)
            self._slot_of[version.document_id] = slot
            if len(ids) == 0:
                return
            codes = np.frombuffer(blob, np.uint8).reshape(len(ids), -1)
            if self._index is None:
                self._index = _empty(codes.shape[1] // FP16_BYTES)
            if codes.shape[1] != self._index.sa_code_size():
                raise ValueError("a vector of another dimension")
            self._index.add_sa_codes(np.ascontiguousarray(codes))
            self._new_passages.append(ids)
            self._new_slots.append(np.full(len(ids), slot, np.int32))
            self._rows_of[version.document_id] = len(ids)
            self._live += len(ids)

    def remove(self, document_id: str) -> None:
        """Take a document out; at once for every search that begins later."""
        with self._lock:
            self._remove(document_id)
            if self._index is not None and self._index.ntotal - self._live > max(_WORTH_COMPACTING, self._live // 4):
                self._compact()

    def search(
        self,
        vectors: Scores,
        k: int,
        collections: Collection[str] | None = None,
        documents: Collection[str] | None = None,
    ) -> tuple[Ids, Scores]:
        """Up to `k` passage ids and cosines, best first, among the given collections and documents (None: all).

        `vectors` has shape (n, dimensions), rows of unit length; a passage counts with the row that is nearest to it.
        Raises `EmbedderChanged` when they are of another length than those that are stored.
        """
        # A search leaves the other cores to the keywords, the model and other searches: waking them costs more than it
        # gives. OpenMP keeps this for each thread.
        faiss.omp_set_num_threads(1)
        with self._lock:
            if self._index is None or not len(vectors):
                return NOTHING
            if vectors.shape[1] != self._index.d:
                raise EmbedderChanged(
                    f"The embedder makes vectors of {vectors.shape[1]} numbers, those stored have {self._index.d}. Run "
                    "`./archivar reindex`."
                )
            self._join()
            if not len(self._passages):
                return NOTHING
            allowed = self._allowed(collections, documents)
            chosen = self._put_forward(vectors, k, allowed)
            # Compacting gives rows other numbers: these belong to the passages of this moment.
            passages = self._passages
            if chosen is not None and len(chosen) * _PASSED_OVER < len(passages):
                best = (vectors @ self._decoded(chosen).T).max(axis=0)
                order = np.argsort(-best, kind="stable")[:k]
                return passages[chosen[order]], best[order]
            if chosen is not None:
                allowed = np.zeros(len(passages), bool)
                allowed[chosen] = True
            scores, rows = self._index.search(vectors, min(k, len(passages)), params=_selection(allowed))
        found = rows.ravel() >= 0
        rows, scores = rows.ravel()[found], scores.ravel()[found]
        order = np.argsort(-scores, kind="stable")
        _, first = np.unique(rows[order], return_index=True)
        best = order[np.sort(first)][:k]
        return passages[rows[best]], scores[best]

    def content(self) -> "VectorContent":
        """Everything, without removed rows, for a snapshot."""
        with self._lock:
            self._compact()
            versions = [version for version in self._versions if version is not None]
            return VectorContent(self._index, self._passages, self._slots, versions)

    @classmethod
    def of(cls, content: "VectorContent") -> "VectorIndex":
        """An index with what a snapshot held."""
        made = cls()
        made._index, made._passages, made._slots = content.index, content.passages, content.slots
        made._versions = list(content.versions)
        made._slot_of = {version.document_id: slot for slot, version in enumerate(content.versions)}
        counts = np.bincount(content.slots, minlength=len(content.versions))
        made._rows_of = {version.document_id: int(n) for version, n in zip(content.versions, counts, strict=True)}
        made._live = len(content.passages)
        return made

    def _remove(self, document_id: str) -> None:
        slot = self._slot_of.pop(document_id, None)
        if slot is not None:
            self._versions[slot] = None
            self._live -= self._rows_of.pop(document_id, 0)

    def _join(self) -> None:
        if self._new_passages:
            self._passages = np.concatenate([self._passages, *self._new_passages])
            self._slots = np.concatenate([self._slots, *self._new_slots])
            self._new_passages, self._new_slots = [], []

    def sketch(self) -> bool:
        """Prepare a portion of the first pass, in the background; whether there may be more to do."""
        with self._lock:
            rows = self._index.ntotal if self._index is not None else 0
            if rows < _WORTH_SKETCHING:
                return False
            sketches = self._sketches
            sample = self._decoded(slice(0, rows, -(-rows // _SAMPLE))) if sketches is None else None
        if sample is not None:
            sketches = Sketches(sample)  # takes longer than a search should wait
        with self._lock:
            if sample is None and self._sketches is not sketches:
                return True  # compacted meanwhile
            self._sketches = sketches
            done = len(sketches) if sketches is not None else 0
            if sketches is None or self._index.ntotal == done:
                return False
            sketches.add(self._decoded(slice(done, done + _PORTION)))
            return True

    def _decoded(self, rows: slice | Ids) -> Scores:
        codes = faiss.rev_swig_ptr(self._index.codes.data(), self._index.codes.size())
        some = codes.reshape(-1, self._index.sa_code_size())[rows]
        decoded: Scores = self._index.sa_decode(np.ascontiguousarray(some))
        return decoded

    def _put_forward(self, vectors: Scores, k: int, allowed: NDArray[np.bool_] | None) -> Ids | None:
        """The rows worth scoring among those allowed (None: all); None where that would be all of them."""
        rows = len(self._passages)
        sketched = len(self._sketches) if self._sketches is not None else 0
        candidates = rows if allowed is None else int(np.count_nonzero(allowed))
        if allowed is not None and candidates < min(rows, _FEW):
            return np.flatnonzero(allowed)
        if self._sketches is None or k > _DEEPEST or min(sketched, candidates) < _WORTH_SKETCHING // 2:
            return None
        found = self._sketches.nearest(vectors, _PUT_FORWARD * rows // candidates)
        if allowed is not None and np.count_nonzero(allowed[found], axis=1).min() < _PUT_FORWARD // 2:
            return None  # what is near lies elsewhere
        chosen = np.concatenate([np.unique(found), np.arange(sketched, rows)])
        return chosen if allowed is None else chosen[allowed[chosen]]

    def _allowed(
        self, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> NDArray[np.bool_] | None:
        if self._live == len(self._passages) and collections is None and documents is None:
            return None
        allowed = np.fromiter(
            (
                version is not None
                and (collections is None or version.collection_id in collections)
                and (documents is None or version.document_id in documents)
                for version in self._versions
            ),
            bool,
            len(self._versions),
        )
        of_rows: NDArray[np.bool_] = allowed[self._slots]
        return of_rows

    def _compact(self) -> None:
        self._join()
        if len(self._slot_of) == len(self._versions):
            return
        kept_slots = [slot for slot, version in enumerate(self._versions) if version is not None]
        renumbered = np.full(len(self._versions), -1, np.int32)
        renumbered[kept_slots] = np.arange(len(kept_slots), dtype=np.int32)
        kept = renumbered[self._slots] >= 0
        self._sketches = None
        if self._index is not None:
            codes = faiss.vector_to_array(self._index.codes).reshape(-1, self._index.sa_code_size())
            self._index = _empty(self._index.d)
            if kept.any():
                self._index.add_sa_codes(np.ascontiguousarray(codes[kept]))
        self._passages = self._passages[kept]
        self._slots = renumbered[self._slots][kept]
        self._versions = [self._versions[slot] for slot in kept_slots]
        self._slot_of = {v.document_id: slot for slot, v in enumerate(self._versions) if v is not None}


@dataclass(frozen=True, slots=True)
class VectorContent:
    """What a snapshot holds: the FAISS index (None when empty) and, row for row, passage ids and version slots."""

    index: Any
    passages: Ids
    slots: NDArray[np.int32]
    versions: Sequence[IndexedVersion]


def _empty(dimensions: int) -> Any:
    return faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def _selection(allowed: NDArray[np.bool_] | None) -> Any:
    if allowed is None:
        return None
    bitmap = np.packbits(allowed, bitorder="little")
    selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg,arg-type]  # FAISS's stubs miss its wrappers
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
