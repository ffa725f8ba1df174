"""Versions that answer no more, searched as what they were: an index in memory, made when somebody asks for a date.

What answers now has its own indexes, which know nothing of this. Texts and vectors are those of the database.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

from core.errors import InvalidRequest
from core.storage.store import Store
from core.values import Passage
from core.versions import Answered
from retrieval.fusion import merged
from retrieval.index import keywords
from retrieval.index.keywords import KeywordReader
from retrieval.index.protocol import NOTHING, Ids, LiveIndex, Scores
from retrieval.index.vectors import IndexedVersion, VectorIndex

# What is made within seconds and does not fill the memory: about 2 KB a passage.
MOST_PASSAGES = 50_000
_KEPT = 2
_IDLE_SECONDS = 600.0


@dataclass
class _Made:
    versions: Mapping[str, Answered]
    embedder: str
    vectors: VectorIndex
    words: KeywordReader
    used_at: float = 0.0


class FormerVersions:
    """Makes and keeps indexes of former versions. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._kept: list[_Made] = []

    def beside(self, live: LiveIndex, versions: Mapping[str, Answered], embedder: str) -> "Beside":
        """What answers now together with these former versions, by the ids of their documents.

        Raises `InvalidRequest` where they are too many.
        """
        return Beside(live, self._made(versions, embedder), frozenset(versions))

    def forget_idle(self) -> None:
        """Let go of what nobody has asked for in a while."""
        with self._lock:
            self._kept = [one for one in self._kept if one.used_at > time.monotonic() - _IDLE_SECONDS]

    def _made(self, versions: Mapping[str, Answered], embedder: str) -> _Made:
        with self._lock:
            holding = (one for one in self._kept if one.embedder == embedder and _holds(one.versions, versions))
            made = next(holding, None) or self._make(versions, embedder)
            made.used_at = time.monotonic()
            self._kept = [made, *(one for one in self._kept if one is not made)][:_KEPT]
            return made

    def _make(self, versions: Mapping[str, Answered], embedder: str) -> _Made:
        if sum(one.passages for one in versions.values()) > MOST_PASSAGES:
            raise InvalidRequest(
                f"More than {MOST_PASSAGES:,} passages of that date have been replaced since. Narrow the question by "
                "collections, documents or tags."
            )
        vectors = VectorIndex()
        words = keywords.in_memory(self._read(versions.values(), embedder, vectors))
        return _Made(versions, embedder, vectors, words)

    def _read(self, versions: Iterable[Answered], embedder: str, vectors: VectorIndex) -> Iterable[Passage]:
        for one in versions:
            passages = self._store.passages.of_version(one.version_id)
            blob = self._store.passages.vectors(one.version_id, embedder)
            # Embedded by another model, it is found by its words alone.
            if blob is not None and passages:
                version = IndexedVersion(one.document_id, one.version_id, one.collection_id)
                vectors.add(version, [passage.id for passage in passages], blob)
            yield from passages


class Beside:
    """Searches over what answers now and over former versions in the place of their documents."""

    def __init__(self, live: LiveIndex, made: _Made, former: frozenset[str]) -> None:
        self._live = live
        self._made = made
        self._former = former

    def nearest(
        self, vectors: Scores, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """See `Searched`; `documents`, which are always named here, are those that answered."""
        now, then = self._parted(documents)
        found = self._live.nearest(vectors, k, collections, now) if now else NOTHING
        former = self._made.vectors.search(vectors, k, None, then) if then else NOTHING
        return _best(found, former, k)

    def matching(
        self, text: str, k: int, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> tuple[Ids, Scores]:
        """See `Searched`. Words are as rare as they are among all that answers now, where that is known."""
        now, then = self._parted(documents)
        found = self._live.matching(text, k, collections, now) if now else NOTHING
        rarity = self._live.rarity(text) if then else {}
        former = self._made.words.search(text, k, None, then, rarity=rarity) if then else NOTHING
        return _best(found, former, k)

    def _parted(self, documents: Collection[str] | None) -> tuple[frozenset[str], frozenset[str]]:
        asked = frozenset(documents or ())
        return asked - self._former, asked & self._former


def _best(now: tuple[Ids, Scores], then: tuple[Ids, Scores], k: int) -> tuple[Ids, Scores]:
    ids, scores = merged(now, then)
    return ids[:k], scores[:k]


def _holds(made: Mapping[str, Answered], asked: Mapping[str, Answered]) -> bool:
    return all(made.get(document_id) == one for document_id, one in asked.items())
