"""The search: a question becomes ranked hits within the rights of who asks. Nothing is written or answered here."""

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import reduce
from threading import Semaphore

from core.access import Action, permits, scope
from core.errors import EmbedderMissing, InvalidRequest
from core.filters import EVERYTHING, Filter
from core.results import Explanation, Lead, SearchResult
from core.settings import Settings
from core.storage.store import Store
from core.values import Hit, Reader
from core.versions import Answered
from retrieval.asked import Asked
from retrieval.catalogue import Catalogue
from retrieval.current import Answering, Current
from retrieval.embedders.protocol import Embedder
from retrieval.embedders.recipes import notice
from retrieval.explanation import Ranking
from retrieval.fusion import fuse, merged
from retrieval.index.protocol import NOTHING, Candidates, Searched
from retrieval.interrogatives import without_interrogatives
from retrieval.late import interaction
from retrieval.places import places
from retrieval.questions import understand
from retrieval.ranking import LOOKED_AT, PLACED, led, looked_at, placed, weights

# Candidates of each list: enough that what one list ranks low the other can still lift.
_DEPTH = 100
_WORDS_AT_ONCE = 16
# How many searches go on at the same time; others wait for their turn. More of them get in each other's way: each step
# in native code hands Python's lock to another thread, and has to wait to get it back. Those that ask a server mostly
# wait for that.
_AT_ONCE = {"local": 3, "milvus": 16}

_NOTHING = Ranking([], Candidates(NOTHING, NOTHING), {}, "")
# What neither a database nor UTF-8 can hold.
_NO_TEXT = re.compile("[\\0\ud800-\udfff]")


class Retriever:
    """Searches the index; everything is loaded when first needed. Thread-safe."""

    def refuse_excess(self, query: str, k: int) -> None:
        """Raise `InvalidRequest` for a query or a number of hits over the limits."""
        if not query.strip():
            raise InvalidRequest("The query is empty.")
        if len(query) > self._settings.max_question_chars:
            raise InvalidRequest(f"The query is longer than {self._settings.max_question_chars} characters.")
        if _NO_TEXT.search(query):
            raise InvalidRequest("The query holds something that is no character of any text (U+0000 or half a pair).")
        if not 1 <= k <= self._settings.max_results:
            raise InvalidRequest(f"`k` must be between 1 and {self._settings.max_results}.")

    def __init__(self, settings: Settings, store: Store, embedder: Embedder | None = None) -> None:
        """`embedder` is one that has been opened already; it serves where it is the agreed one."""
        self._settings = settings
        self._store = store
        self._catalogue = Catalogue(store)
        self._current = Current(settings, store, embedder, self._catalogue.follow)
        self._pool = ThreadPoolExecutor(_WORDS_AT_ONCE, thread_name_prefix="words")
        self._turns = Semaphore(_AT_ONCE[settings.index])
        self._prepared = False

    @property
    def embedder(self) -> Embedder:
        """The model whose vectors answer. Raises `EmbedderMissing` while only words do."""
        answering = self._current.followed()
        if answering.embedder is None:
            raise EmbedderMissing(answering.trouble)
        return answering.embedder

    def embedder_trouble(self) -> str:
        """What an operator should know about the embedder, without saying where anything lies; empty for nothing."""
        answering = self._current.followed()
        if answering.embedder is None:
            return f"Searching by words alone: the embedder {answering.name} cannot be loaded. The log says why."
        return notice(self._settings, self._store)

    def warm(self) -> None:
        """Load the model and the indexes now rather than at the first search, and prepare for many."""
        self._prepare()
        self._current.last()
        answering = self._current.followed()
        self._catalogue.read()
        answering.vectors(["warm"])

    def behind(self) -> int:
        """How many changed documents searches do not show yet. Raises `Unavailable` without a usable index."""
        return self._current.followed().live.behind()

    def search(
        self,
        reader: Reader,
        query: str,
        *,
        within: Filter = EVERYTHING,
        k: int = 10,
        explain: bool = False,
    ) -> SearchResult:
        """The `k` best passages within the filter among what `reader` may see; with `explain`, where they come from.

        Raises `NotFound` for a collection that the reader may not see, `InvalidRequest` for a query over the limits.
        """
        began = time.perf_counter()
        self.refuse_excess(query, k)
        allowed = self._allowed(reader, within.collections)
        then = self._then(within, allowed)
        among = self._among(within, allowed) if then is None else frozenset(then)
        depth = max(_DEPTH, k)
        found = _NOTHING
        if among is None or among:
            self._prepare()
            former = {document_id: one for document_id, one in (then or {}).items() if not one.current}
            found = self._current.ask(lambda answering: self._ranked(answering, former, query, depth, allowed, among))
        hits = self._hits(found.ranked, k, within.as_of_moment if then is not None else None)
        explanation = None
        if explain:
            hits, explanation = found.explained(hits), self._explanation(found)
        return SearchResult(hits, (time.perf_counter() - began) * 1000, explanation)

    def close(self) -> None:
        """Stop following changes and the helping threads."""
        self._current.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prepare(self) -> None:
        """At the first search, let the cards be read while the indexes are opened."""
        if not self._prepared:
            self._prepared = True
            self._pool.submit(self._catalogue.read)

    def _ranked(
        self,
        answering: Answering,
        former: Mapping[str, Answered],
        query: str,
        depth: int,
        allowed: frozenset[str] | None,
        among: frozenset[str] | None,
    ) -> Ranking:
        """Passage ids and scores, best first, all from one index and the embedder that belongs to it."""
        # Opening an index may take long, and nobody else has to wait for that.
        live = self._current.beside(answering, former)
        with self._turns:
            return self._in_turn(answering, live, query, depth, allowed, among)

    def _in_turn(
        self,
        answering: Answering,
        live: Searched,
        query: str,
        depth: int,
        allowed: frozenset[str] | None,
        among: frozenset[str] | None,
    ) -> Ranking:
        question = understand(query)
        self._catalogue.read()
        leads = self._catalogue.leads(query, allowed, among)
        sought = places(query)
        known = answering.familiarity(query)
        told = question.wording if known == 1.0 else without_interrogatives(question.wording)
        wording = self._catalogue.without_names(told, leads)
        # What the question names is searched by itself too, for others may crowd it out.
        scopes = [among, leads.keys()] if leads else [among]
        words = [self._pool.submit(live.matching, wording, depth, allowed, scope) for scope in scopes]
        asked = Asked(answering, question)
        meanings = [live.nearest(asked.vectors, depth, allowed, scope) for scope in scopes]
        found = Candidates(reduce(merged, meanings), reduce(merged, [each.result() for each in words]))
        fused = fuse([found.dense, found.keywords], weights(known))
        if leads or sought:
            around = self._store.passages.surroundings([i for i, _ in fused])
            fused = led(fused, around, leads)
            if sought:
                tops = self._store.passages.tops([i for i, _ in fused[:PLACED]])
                fused = placed(fused, around, tops, sought)
        else:
            # Tokens tell prose apart; rows of figures in the document that is meant they do not.
            front = [passage_id for passage_id, _ in fused[:LOOKED_AT]]
            codes = self._store.token_codes.of(answering.name, front)
            fused = looked_at(fused, interaction(asked.tokens, [codes.get(i, b"") for i in front]), known)
        return Ranking(fused, found, leads, wording)

    def _then(self, within: Filter, allowed: frozenset[str] | None) -> dict[str, Answered] | None:
        """What answered at the date asked for, by the ids of documents; None where nothing is asked for but now."""
        if within.as_of is None:
            return None
        readable = tuple(allowed) if allowed is not None else None
        return self._store.history.answered(replace(within, collections=readable))

    def _allowed(self, reader: Reader, collections: Sequence[str] | None) -> frozenset[str] | None:
        if collections is None and permits(reader, Action.ADMINISTER):
            return None
        return scope(reader, self._store.collections.ids(), collections)

    def _among(self, within: Filter, allowed: frozenset[str] | None) -> frozenset[str] | None:
        """The ids of the documents that the filter describes or names; None where it does neither."""
        if within.describes:
            readable = tuple(allowed) if allowed is not None else None
            return self._store.documents.answering(replace(within, collections=readable))
        return frozenset(within.documents) if within.documents is not None else None

    def _explanation(self, found: Ranking) -> Explanation:
        names = self._store.documents.filenames(found.leads.keys())
        best = sorted(found.leads.items(), key=lambda lead: (-lead[1], lead[0]))
        return Explanation(tuple(Lead(i, names[i], score) for i, score in best if i in names), found.words)

    def _hits(self, fused: list[tuple[int, float]], k: int, as_of: float | None) -> tuple[Hit, ...]:
        passages = self._store.passages.by_ids([i for i, _ in fused[:k]], as_of)
        if len(passages) < min(k, len(fused)):
            # An index may still name a few passages that the database has just lost.
            passages |= self._store.passages.by_ids([i for i, _ in fused[k:]], as_of)
        ranked = [(passages[i], score) for i, score in fused if i in passages]
        return tuple(Hit(rank, score, passage) for rank, (passage, score) in enumerate(ranked[:k], 1))
