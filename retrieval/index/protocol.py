"""What those who search need of an index; `local` and `milvus` offer it, `opening` chooses.

What whoever keeps an index in step with the database needs is in `indexer`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
NOTHING: tuple[Ids, Scores] = (np.empty(0, np.int64), np.empty(0, np.float32))


class IndexDamaged(Exception):
    """The index does not hold what it says; make it anew. Never leaves `retrieval`."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Both lists of a search, best first: passage ids with cosines, and with BM25 scores."""

    dense: tuple[Ids, Scores]
    keywords: tuple[Ids, Scores]


class Searched(Protocol):
    """Both searches. Thread-safe."""

    def nearest(
        self, vectors: Scores, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """The best `k` by meaning within the given collections and documents (None: all), with cosines.

        `vectors`, of shape (n, dimensions), are what is asked as a whole and in its parts; without any, nothing is
        near. Raises `Unavailable`, and `IndexDamaged` where the index is gone.
        """
        ...

    def matching(
        self, text: str, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """The same by the words of a text, with BM25 scores."""
        ...


class LiveIndex(Searched, Protocol):
    """What one process can search right now. Thread-safe."""

    def follow(self) -> None:
        """Let deletions and replacements up to this moment take effect. Raises `IndexDamaged`."""
        ...

    def add_pending(self, *, lasting: bool = False) -> None:
        """Take in what was published; searches may go on meanwhile. Raises `Unavailable`.

        In a `lasting` process also prepare what makes later searches faster, which may take seconds.
        """
        ...

    def behind(self) -> int:
        """How many changed documents searches do not show yet. Raises `Unavailable` when none can be made."""
        ...

    def rarity(self, text: str) -> Mapping[str, float]:
        """How rare the terms of a text are among all passages, as `keywords` counts it; empty where it is not known."""
        ...

    def close(self) -> None:
        """Let go of threads and connections."""
        ...
