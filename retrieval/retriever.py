"""The search: a question becomes ranked hits within the rights of who asks. Nothing is written or answered here."""

import logging
import time
from collections.abc import Sequence
from functools import cached_property
from threading import Event, Lock, Thread

from core.access import Action, permits, scope
from core.errors import ArchivarError, InvalidRequest, Unavailable
from core.settings import Settings
from core.storage.store import Store
from core.values import Hit, Reader, SearchResult
from retrieval.catalogue import Catalogue
from retrieval.embedders import open_embedder
from retrieval.embedders.protocol import Embedder
from retrieval.fusion import fuse, merged
from retrieval.index.indexer import Indexer
from retrieval.index.opening import open_index, open_indexer
from retrieval.index.protocol import Candidates, IndexDamaged, LiveIndex
from retrieval.places import places
from retrieval.questions import understand
from retrieval.ranking import ranked

_FOLLOW_SECONDS = 0.5
# Candidates of each list: enough that what one list ranks low the other can still lift.
_DEPTH = 100
# Of cosines and of BM25: meaning settles what words leave open.
_WEIGHTS = [0.5, 1.0]
# An index may still name a few passages that the database has just lost.
_SPARE = 16
_OWNER_SECONDS = 10.0
_RETRY_SECONDS = 0.1
_log = logging.getLogger(__name__)


class Retriever:
    """Searches the index; everything is loaded when first needed. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lock = Lock()
        self._live: LiveIndex | None = None
        self._catalogue = Catalogue(store)
        self._stop = Event()

    @cached_property
    def embedder(self) -> Embedder:
        """The model that turns questions into vectors."""
        return open_embedder(self._settings)

    def warm(self) -> None:
        """Load the model and the indexes now rather than at the first search."""
        self._opened()
        self._catalogue.follow()
        self.embedder.embed_query("warm")

    def behind(self) -> int:
        """How many changed documents searches do not show yet. Raises `Unavailable` without a usable index."""
        return self._followed().behind()

    def search(
        self,
        reader: Reader,
        query: str,
        *,
        collections: Sequence[str] | None = None,
        documents: Sequence[str] | None = None,
        k: int = 10,
    ) -> SearchResult:
        """The `k` best passages among what `reader` may see, narrowed to collections and documents by their ids.

        Raises `NotFound` for a collection that the reader may not see, `InvalidRequest` for a query over the limits.
        """
        began = time.perf_counter()
        self._refuse_excess(query, k)
        allowed = self._allowed(reader, collections)
        question = understand(query)
        depth = max(_DEPTH, k)
        among = frozenset(documents) if documents is not None else None
        live = self._followed()
        vectors = self.embedder.embed(question.meanings)
        self._catalogue.follow()
        leads = self._catalogue.leads(query, allowed, among)
        wording = self._catalogue.without_names(question.wording, leads)
        found = live.candidates(wording, vectors, depth, allowed, among)
        if leads:
            there = live.candidates(wording, vectors, depth, allowed, leads.keys())
            found = Candidates(merged(found.dense, there.dense), merged(found.keywords, there.keywords))
        fused = fuse([found.dense, found.keywords], _WEIGHTS)
        sought = places(query)
        if leads or sought:
            fused = ranked(fused, self._store.passages.surroundings([i for i, _ in fused]), leads, sought)
        return SearchResult(self._hits(fused, k), (time.perf_counter() - began) * 1000)

    def close(self) -> None:
        """Stop following changes."""
        self._stop.set()
        with self._lock:
            if self._live is not None:
                self._live.close()

    def _refuse_excess(self, query: str, k: int) -> None:
        if not query.strip():
            raise InvalidRequest("The query is empty.")
        if len(query) > self._settings.max_question_chars:
            raise InvalidRequest(f"The query is longer than {self._settings.max_question_chars} characters.")
        if not 1 <= k <= self._settings.max_results:
            raise InvalidRequest(f"`k` must be between 1 and {self._settings.max_results}.")

    def _allowed(self, reader: Reader, collections: Sequence[str] | None) -> frozenset[str] | None:
        if collections is None and permits(reader, Action.ADMINISTER):
            return None
        return scope(reader, self._store.collections.ids(), collections)

    def _hits(self, fused: list[tuple[int, float]], k: int) -> tuple[Hit, ...]:
        passages = self._store.passages.by_ids([i for i, _ in fused[: k + _SPARE]])
        if len(passages) < min(k, len(fused)):
            passages |= self._store.passages.by_ids([i for i, _ in fused[k + _SPARE :]])
        ranked = [(passages[i], score) for i, score in fused if i in passages]
        return tuple(Hit(rank, score, passage) for rank, (passage, score) in enumerate(ranked[:k], 1))

    def _opened(self) -> LiveIndex:
        with self._lock:
            if self._live is None:
                self._live = _open_live(self._settings, self._store)
                Thread(target=self._follow, name="retriever", daemon=True).start()
            return self._live

    def _followed(self) -> LiveIndex:
        live = self._opened()
        try:
            live.follow()
        except IndexDamaged as error:
            _log.warning("The index is opened anew: %s", error)
            live = self._reopened(live)
        return live

    def _reopened(self, damaged: LiveIndex) -> LiveIndex:
        with self._lock:
            if self._live is None or self._live is damaged:
                self._live = _open_live(self._settings, self._store)
            return self._live

    def _follow(self) -> None:
        said = ""
        while not self._stop.wait(_FOLLOW_SECONDS):
            try:
                self._followed().add_pending()
                said = ""
            except (ArchivarError, OSError) as error:
                if str(error) != said:
                    _log.warning("The index follows in a moment: %s", error)
                said = str(error)


def _open_live(settings: Settings, store: Store) -> LiveIndex:
    # Without a server nobody else brings the index up to date, so whoever searches does.
    deadline = time.monotonic() + _OWNER_SECONDS
    indexer = open_indexer(settings, store)
    try:
        while True:
            live = _try_open(settings, store, indexer, late=time.monotonic() > deadline)
            if live is not None:
                return live
            time.sleep(_RETRY_SECONDS)
    finally:
        indexer.close()


def _try_open(settings: Settings, store: Store, indexer: Indexer, *, late: bool) -> LiveIndex | None:
    try:
        _catch_up(indexer)
        live = open_index(settings, store)
    except IndexDamaged as error:
        if late:
            raise Unavailable("The index is being made anew. Try again in a moment.", retry_after=5) from error
        return None
    if late or _worth_using(live):
        return live
    live.close()
    return None


def _catch_up(indexer: Indexer) -> None:
    try:
        if indexer.try_own():
            indexer.catch_up()
    except Unavailable as error:
        _log.warning("The index is opened as it is: %s", error)


def _worth_using(live: LiveIndex) -> bool:
    try:
        return live.behind() == 0
    except Unavailable:
        return True  # it says so to whoever searches, and goes on when its server is back
