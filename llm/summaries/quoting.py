"""Summaries without a Llama: rows and sentences of the document as they stand, in its order, under its own headings."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from core.values import Passage
from llm.figures.concepts import CONCEPTS, Concept
from llm.figures.row_words import in_words, sources
from llm.figures.tables import Row, rows
from llm.summaries.extracting import Material, See, chosen
from llm.summaries.repeats import without_repeats
from llm.summaries.sentences import folded
from llm.summaries.templates import Template
from llm.summaries.writing import Under
from llm.writers import Draft, Source
from retrieval.embedders.protocol import Embedder

# As among answers, so that people who know the one know the other.
MODEL = "quoting"
# The share of key figures that rows of statements may take.
_ROWS_SHARE = 0.6
_UNDER = " › "
_LONGEST_HEADING_WORDS, _HEADING_LETTERS, _DIFFERENT = 12, 0.7, 0.75
_JOINS = re.compile(
    r"\b(?:of|to|and|or|for|in|by|the|a|on|with|from|per|und|oder|der|die|das|von|für|zu)$", re.IGNORECASE
)
_FIGURES = re.compile(r"\d")


def quoted(
    material: Material, template: Template, count: int, embedder: Embedder, *, focus: str, see: See
) -> list[Under]:
    """Up to `count` drafts in the document's order. What is quoted is quoted from passages as `see` shows them."""
    told = dict(_key_rows(material.passages, int(count * _ROWS_SHARE), see)) if template.figures and not focus else {}
    drafts = list(told.items())
    for sentence in chosen(material, template, count - len(drafts), embedder, focus=focus, see=see):
        drafts.append((Draft(sentence.text, (Source(sentence.passage, sentence.quote),)), sentence.place))
    drafts.sort(key=lambda one: one[1])
    return [Under(shown_heading(draft.sources[0].passage.heading), draft) for draft, _ in drafts]


def _key_rows(passages: Sequence[Passage], most: int, see: See) -> Iterator[tuple[Draft, int]]:
    """The rows of the main statements that everybody looks for, one for each figure, each with its passage's place."""
    # Reading tables takes time, and most pages have none.
    pages = {passage.page for passage in passages if _is_tabular(passage.text)}
    places = {passage.id: place for place, passage in enumerate(passages)}
    found = [row for row in rows([one for one in passages if one.page in pages]) if row.statement and in_words(row)]
    figures = list(_of_concepts(found))[:most]
    whole = {passage.id: passage.text for passage in see([row.passage for row in figures])}
    for number in without_repeats([in_words(row) for row in figures], figures=True):
        row = figures[number]
        if whole.get(row.passage.id) == row.passage.text:
            yield Draft(in_words(row), tuple(sources([row])), computed=True), places[row.passage.id]


def _of_concepts(found: Sequence[Row]) -> Iterator[Row]:
    """For each figure its row, where possible on the page that has most of them: parts of a business have others."""
    fitting = [(concept.name, row) for concept in CONCEPTS for row in found if _names(concept, row) is not None]
    on_page = Counter((row.statement, row.passage.page) for _, row in fitting)
    for concept in CONCEPTS:
        own = [row for row in found if _names(concept, row) is not None]
        if own:
            # The first of those that are equally good.
            yield min(own, key=partial(_rank, concept, on_page))


def _rank(concept: Concept, on_page: Counter[tuple[str, int]], row: Row) -> tuple[int, int]:
    return -on_page[row.statement, row.passage.page], _names(concept, row) or 0


def _names(concept: Concept, row: Row) -> int | None:
    """The place of the concept's label that a row bears, the best is 0; None where it is another figure."""
    if row.statement != concept.statement:
        return None
    label = row.label.strip(" :")
    return next((place for place, pattern in enumerate(concept.labels) if pattern.fullmatch(label)), None)


def _is_tabular(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(len(_FIGURES.findall(line)) > 4 for line in lines) >= 3


def shown_heading(heading: str) -> str:
    """The part of a passage's heading that reads as a title; empty where none does."""
    for part in reversed(heading.split(_UNDER)):
        title = " ".join(part.split()).strip(" :•–—-")
        words = folded(title).split()
        letters = sum(c.isalpha() for c in title)
        if (
            0 < len(words) <= _LONGEST_HEADING_WORDS
            and letters >= max(3, _HEADING_LETTERS * len(title.replace(" ", "")))
            and len(set(words)) >= _DIFFERENT * len(words)
            and not _JOINS.search(title)
            and not title[:1].islower()
        ):
            return title
    return ""


def material_of(passages: Sequence[Passage], data: bytes) -> Material | None:
    """Passages with their stored vectors; None where these are not theirs."""
    vectors = np.frombuffer(data, "<f2")
    if not passages or vectors.size % len(passages):
        return None
    return Material(passages, vectors.reshape(len(passages), -1).astype(np.float32))
