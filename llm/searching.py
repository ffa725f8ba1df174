"""Searching for passages as people do it, without an answer: moderated like everything that is asked.

How passages are found is decided in `retrieval`, what becomes of findings in the policy.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from core.filters import EVERYTHING, Filter
from core.results import SearchModeration, SearchResult
from core.values import Reader
from llm.moderation.moderator import PolicyModerator
from llm.moderation.protocol import Exchange
from retrieval.retriever import Retriever


class Searching:
    """Finds passages under the moderation policy. Thread-safe."""

    def __init__(self, retriever: Retriever, moderator: Callable[[], PolicyModerator]) -> None:
        self._retriever = retriever
        self._moderator = moderator

    def search(
        self, reader: Reader, query: str, *, within: Filter = EVERYTHING, k: int = 10, explain: bool = False
    ) -> SearchResult:
        """The hits that a person is shown; none for a query that is blocked. Raises as `Retriever.search` does.

        What lies beyond the reader's rights is left out without a word: even its number would tell that it exists.
        """
        began = time.perf_counter()
        self._retriever.refuse_excess(query, k)
        watch = self._moderator().of(Exchange(str(uuid4()), reader, within.collections))
        asked = watch.query(query)
        found = SearchResult((), 0.0)
        if not asked.blocks:
            found = self._retriever.search(reader, asked.text, within=within, k=k, explain=explain)
        hits = tuple(watch.found(found.hits))
        before = {hit.passage.id: hit.passage.text for hit in found.hits}
        moderation = SearchModeration(
            asked.action,
            asked.text if asked.blocks else "",
            redacted=sum(hit.passage.text != before[hit.passage.id] for hit in hits),
            marks=watch.marks,
        )
        took_ms = (time.perf_counter() - began) * 1000
        return replace(found, hits=hits, took_ms=took_ms, moderation=moderation)
