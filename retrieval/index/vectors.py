"""Vectors of one process in memory, searched exactly by FAISS within a set of collections or documents.

Rows are the fp16 blobs of the database as they are; nothing here reads the database or a file.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.index.protocol import NOTHING, Ids, Scores

_FP16_BYTES = 2
_WORTH_COMPACTING = 10_000


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
                self._index = _empty(codes.shape[1] // _FP16_BYTES)
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
        """
        with self._lock:
            if self._index is None:
                return NOTHING
            self._join()
            parameters = self._selection(collections, documents)
            # Compacting gives rows other numbers: these belong to the passages of this moment.
            passages = self._passages
            scores, rows = self._index.search(vectors, min(k, len(passages)), params=parameters)
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

    def _selection(self, collections: Collection[str] | None, documents: Collection[str] | None) -> Any:
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
        bitmap = np.packbits(allowed[self._slots], bitorder="little")
        selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg,arg-type]  # FAISS's stubs miss its wrappers
        return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]

    def _compact(self) -> None:
        self._join()
        if len(self._slot_of) == len(self._versions):
            return
        kept_slots = [slot for slot, version in enumerate(self._versions) if version is not None]
        renumbered = np.full(len(self._versions), -1, np.int32)
        renumbered[kept_slots] = np.arange(len(kept_slots), dtype=np.int32)
        kept = renumbered[self._slots] >= 0
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
