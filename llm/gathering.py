"""What an answer is written from: the passages that a search finds, and for figures the tables that hold them.

A search for one question is not enough where the answer is made of several: the operands of a figure stand in several
statements, and the rows of a table apart from its heading.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import chain, zip_longest

from core.filters import Filter
from core.storage.store import Store
from core.values import Hit, Passage, Reader
from llm.comparisons import sides
from llm.figures.asked import Asked, understood
from llm.figures.formulas import figures, read_expanded
from llm.figures.names import bears
from retrieval.retriever import Retriever

PASSAGES = 10
_MOST_DOCUMENTS = 2
_MOST_PAGES = 9
_PAGES_EACH = 3
_WHOLE_PAGE = 40  # passages; printed pages have fewer
_NEAR = 6
_TITLES = {
    "income": "consolidated statements of income, statements of operations, statements of earnings",
    "balance": "consolidated balance sheets, statements of financial position",
    "cash": "consolidated statements of cash flows",
}


class Gathering:
    """Finds what an answer is written from. Thread-safe."""

    def __init__(self, store: Store, retriever: Retriever) -> None:
        self._store = store
        self._retriever = retriever

    def hits(self, reader: Reader, question: str, within: Filter) -> tuple[Hit, ...]:
        """The best passages, those of each side of a comparison in turn; after them the tables of figures asked for.

        Raises as `Retriever.search` does.
        """
        each = [self._for_one(reader, side, within) for side in sides(question) or (question,)]
        best = chain.from_iterable(zip_longest(*(found[:PASSAGES] for found in each)))
        rest = chain.from_iterable(found[PASSAGES:] for found in each)
        unique = {hit.passage.id: hit for hit in reversed([hit for hit in (*best, *rest) if hit is not None])}
        return tuple(replace(hit, rank=rank) for rank, hit in enumerate(reversed(unique.values()), 1))

    def _for_one(self, reader: Reader, question: str, within: Filter) -> tuple[Hit, ...]:
        found = self._retriever.search(reader, question, within=within, k=PASSAGES).hits
        asked = understood(question)
        return found if asked is None else (*found, *self._around(reader, asked, found, within))

    def _around(self, reader: Reader, asked: Asked, found: Sequence[Hit], within: Filter) -> Iterator[Hit]:
        unique = {hit.passage.id for hit in found}
        for passages in _documents(asked, found):
            for passage in self._on_pages_of_figures(reader, asked, passages, within):
                if passage.id not in unique:
                    unique.add(passage.id)
                    yield Hit(len(unique), 0.0, passage)

    def _on_pages_of_figures(
        self, reader: Reader, asked: Asked, passages: Sequence[Passage], within: Filter
    ) -> Iterator[Passage]:
        """All that stands on the pages of a document that were found, and on those where the operands may stand."""
        pages = [(passage.version_id, passage.page) for passage in passages[:_PAGES_EACH]]
        known = {passage.id for passage in passages}
        inside = replace(within, documents=(passages[0].document_id,))
        for query in _queries(asked):
            hits = self._retriever.search(reader, query, within=inside, k=PASSAGES).hits
            known.update(hit.passage.id for hit in hits)
            pages += list(dict.fromkeys((hit.passage.version_id, hit.passage.page) for hit in hits))[:_PAGES_EACH]
        for version, page in list(dict.fromkeys(pages))[:_MOST_PAGES]:
            yield from _near(self._store.passages.on_page(version, page), known)


def _near(passages: Sequence[Passage], known: Set[int]) -> Iterator[Passage]:
    """The passages of a page; of one that is a whole document those that stand near a known one."""
    places = [place for place, passage in enumerate(passages) if passage.id in known]
    for place, passage in enumerate(passages):
        if len(passages) <= _WHOLE_PAGE or any(abs(place - other) <= _NEAR for other in places):
            yield passage


def _documents(asked: Asked, found: Sequence[Hit]) -> list[list[Passage]]:
    """The passages of the documents that may hold the figure, those that bear the name asked about first."""
    each: dict[str, list[Passage]] = {}
    for hit in found:
        each.setdefault(hit.passage.document_id, []).append(hit.passage)
    return sorted(each.values(), key=lambda passages: not bears(asked.names, passages))[:_MOST_DOCUMENTS]


def _queries(asked: Asked) -> Iterator[str]:
    """One for each statement on which operands stand: its titles and the operands' names."""
    formula = read_expanded(asked.measure, max(asked.years, default=0), asked.terms)
    concepts = dict.fromkeys(figure.concept for figure in figures(formula)) if formula is not None else {}
    for statement, title in _TITLES.items():
        names = [concept.name for concept in concepts if concept.statement == statement]
        if names:
            yield f"{title}: {', '.join(names)}"
