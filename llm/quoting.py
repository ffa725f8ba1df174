"""The writer for machines without a language model: it quotes the sentences and table rows that answer.

It adds nothing of its own but the columns and units of rows, and figures with the arithmetic that they come from; so
everything it says stands in a passage or follows from what does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.table_rows import BETWEEN, cells_of
from core.values import Hit, Passage
from llm.comparisons import sides
from llm.coverage import coverage
from llm.figures.checking import rests
from llm.figures.computing import computed, looked_up
from llm.figures.periods import asked_years, columns_of
from llm.figures.row_words import in_words, sources
from llm.figures.tables import Row, rows
from llm.subjects import of_named
from llm.units import Unit, units
from llm.writers import Draft, Source
from retrieval.embedders.protocol import Embedder, TakeTokens, Vectors
from retrieval.index.terms import grams
from retrieval.interrogatives import without_interrogatives
from retrieval.late import closeness
from retrieval.questions import Question, understand

_PASSAGES = 10
_MOST_UNITS = 160
_MOST_QUOTES = 5
_MOST_SOURCES = 3
_MOST_WORDS = 120
_LONGEST_UNIT_WORDS = 120
_TITLE_WORDS = 10
_ENDS = frozenset('.!?:;)"”’»')
_WORD = re.compile(r"[^\W\d_]{2}")
_FIGURES = re.compile(r"[($€£-]*\d[\d.,]*\s*%?\)?")
_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
# A further quote must be nearly as good as the first one: many where it is hard to tell, one where it is clear.
_NEARLY = 0.87
# A candidate that reaches neither does not answer: by what it says alone, and with the letters that it shares with the
# question and the rank of its passage. Figures: docs/decisions/0014.
_SAYS, _FITS = 0.65, 0.92
_SHORT_VALUE = 3  # characters: `IT` is no `it`
# What makes cosines of whole texts, at half their weight, comparable with those of tokens.
_LEVEL = 0.33
_QUANTITY = re.compile(
    r"\b(how (?:many|much|old|long|far|tall|large|high|often)|when|what (?:year|date|percentage|number|amount)"
    r"|amount|total|wie ?viele?|wann|wie (?:hoch|alt|lange|groß))\b",
    re.IGNORECASE,
)
_NUMERAL = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion"
    r"|first|second|third|half|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    unit: Unit
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def label(self) -> str:
        """What says what this is about: of a row its words, since figures only blur its meaning."""
        return _FIGURES.sub(" ", self.text).strip() if self.unit.row else self.text

    @property
    def says_something(self) -> bool:
        """Whether it can answer at all: a title or a row of years cannot."""
        if self.unit.row:
            if BETWEEN in self.text:
                return bool(_WORD.search(self.text))
            figures = bool(_WORD.search(self.label)) and bool(_FIGURES.search(_YEARS.sub(" ", self.text)))
            return figures and columns_of(self.text) is None
        return self.text[-1] in _ENDS or self.words >= _TITLE_WORDS


class QuotingWriter:
    """A `Writer` that only quotes."""

    model = "quoting"
    introduction = "Quoted from your documents:"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
        """The figure that the question asks for, computed or in its row, if it can be told; else what fits it best.

        That is sentences and rows, the best first; none when nothing fits.
        """
        figure = _figure(question, hits)
        if figure is not None:
            yield figure
            return
        compared = self._compared(question, hits)
        yield from compared if len(compared) > 1 else self._quotes(question, hits)

    def _compared(self, question: str, hits: Sequence[Hit]) -> list[Draft]:
        """One sentence, row or figure for each side of a comparison; fewer where a side has none of its own."""
        drafts: dict[str, Draft] = {}
        for side in sides(question):
            about = _of_years(side, hits)
            figure = _figure(side, about)
            choice = iter([figure]) if figure is not None else self._quotes(side, about)
            draft = next((draft for draft in choice if draft.text not in drafts), None)
            if draft is not None:
                drafts[draft.text] = draft
        return list(drafts.values())

    def _quotes(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
        asked = understand(question)
        candidates = _candidates(of_named(asked, hits[:_PASSAGES]))
        if not candidates:
            return
        says = self._says(asked, candidates)
        scores = says + _preference(asked, candidates)
        if float(says.max()) < _SAYS and float(scores.max()) < _FITS:
            return
        best = float(scores.max())
        words = 0
        quoted: list[str] = []
        tables = {(row.passage.id, row.start): row for row in rows([hit.passage for hit in hits])}
        for place in np.argsort(-scores, kind="stable").tolist():
            candidate = candidates[place]
            if len(quoted) == _MOST_QUOTES or scores[place] < _NEARLY * best:
                return
            draft = _draft(candidate, candidates, tables)
            if draft.text in quoted:
                continue
            words += candidate.words
            if quoted and words > _MOST_WORDS:
                return
            quoted.append(draft.text)
            yield draft

    def _says(self, question: Question, candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
        """How well each candidate answers by the meaning of its tokens and by wording, and what else speaks for it.

        Of several ways to ask, the best counts.
        """
        asks, labels = list(question.asks), [c.label for c in candidates]
        of_asks: dict[int, Vectors] = {}
        of_labels: dict[int, Vectors] = {}
        vectors = self._embedder.embed_passages(labels, take_tokens=_keep(of_labels))
        meaning = 0.5 * (vectors @ self._embedder.embed_queries(asks, _keep(of_asks)).T) + _LEVEL
        if len(of_asks) == len(asks) and len(of_labels) == len(labels):
            closely = closeness([of_asks[i] for i in range(len(asks))], [of_labels[i] for i in range(len(labels))])
            # A row is too short to hold what a question says of where and when.
            row = np.array([[c.unit.row] for c in candidates])
            meaning = np.where(row, meaning, closely)
        texts = [c.text for c in candidates]
        words = np.array([coverage(ask, texts) for ask in asks]).T
        best: NDArray[np.float64] = (meaning + 0.3 * words).max(axis=1)
        return best + _likelihood(question, candidates)


def _figure(question: str, hits: Sequence[Hit]) -> Draft | None:
    """The figure that is asked for: computed, or the row that has it."""
    figure = computed(question, hits)
    if figure is not None:
        return figure if _holds(figure) else None
    row = looked_up(question, hits)
    return _of_row(row) if row is not None else None


def _of_row(row: Row) -> Draft | None:
    """A row in words; None where its columns cannot be told or stand nowhere."""
    draft = Draft(in_words(row), tuple(sources([row])), computed=True)
    return draft if draft.text and _holds(draft) else None


def _holds(draft: Draft) -> bool:
    return rests(draft.text, [source.passage.text for source in draft.sources])


def _of_years(question: str, hits: Sequence[Hit]) -> Sequence[Hit]:
    """The hits that speak of a year of the question, or come from a document that bears it; all where none does."""
    years = {str(year) for year in asked_years(question)}
    fitting = [hit for hit in hits if any(year in _told(hit.passage) for year in years)]
    return fitting or hits


def _told(passage: Passage) -> str:
    return f"{passage.filename} {passage.title} {passage.heading} {passage.text}"


def _draft(chosen: _Candidate, candidates: Sequence[_Candidate], tables: Mapping[tuple[int, int], Row]) -> Draft:
    """The words as they stand; of a row with its columns and its unit, where the passages tell them."""
    row = tables.get((chosen.hit.passage.id, chosen.unit.start)) if chosen.unit.row else None
    told = _of_row(row) if row is not None else None
    return told or Draft(chosen.text, _sources(chosen, candidates))


def _keep(found: dict[int, Vectors]) -> TakeTokens:
    """Keeps the tokens of every text that has any."""

    def keep(place: int, tokens: Vectors) -> None:
        if len(tokens):
            found[place] = tokens.copy()  # the model reuses its memory

    return keep


def _sources(chosen: _Candidate, candidates: Sequence[_Candidate]) -> tuple[Source, ...]:
    """Every passage in which these words stand, the best one first."""
    same = sorted((c for c in candidates if c.text == chosen.text), key=lambda c: c.hit.rank)
    by_passage: dict[int, Source] = {}
    for c in same:
        passage = c.hit.passage
        by_passage.setdefault(passage.id, Source(passage, passage.text[c.unit.start : c.unit.end]))
    return tuple(by_passage.values())[:_MOST_SOURCES]


def _preference(question: Question, candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
    """What makes one candidate better than another that says as much: shared letters, in any language, and its rank."""
    texts = [c.text for c in candidates]
    letters = np.array([coverage(without_interrogatives(ask), texts, grams) for ask in question.asks]).max(axis=0)
    preference: NDArray[np.float64] = 0.8 * letters + 0.08 * _rank(candidates)
    return preference


def _rank(candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
    return np.array([1.0 / (1.0 + 0.25 * (c.hit.rank - 1)) for c in candidates])


def _likelihood(question: Question, candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
    """What speaks for a candidate apart from its fit.

    That is the rank of its passage, a figure where one is asked for, standing where the question says to look, and
    being the row of a table with a cell that the question names: `invoice 4711`, `the controller`.
    """
    wants_figure = bool(_QUANTITY.search(question.text))
    figure = np.array([wants_figure and bool(_NUMERAL.search(c.text)) for c in candidates])
    row = np.array([wants_figure and c.unit.row for c in candidates])
    place = coverage(" ".join(question.frames), [c.hit.passage.heading for c in candidates])
    cell = np.array([c.unit.row and _names_cell(question.text, c.text) for c in candidates])
    likelihood: NDArray[np.float64] = 0.08 * _rank(candidates) + 0.08 * figure + 0.04 * row + 0.2 * place + 0.3 * cell
    return likelihood


def _names_cell(question: str, row: str) -> bool:
    """Whether all that a cell holds stands in the question; short values as they are written."""
    return any(
        len(value) > 1
        and re.search(
            rf"(?<!\w){re.escape(value)}(?!\w)", question, re.IGNORECASE if len(value) > _SHORT_VALUE else re.NOFLAG
        )
        for _, value in cells_of(row)
    )


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    found = []
    for hit in hits:
        for unit in units(hit.passage.text, hit.passage.heading):
            text = " ".join(hit.passage.text[unit.start : unit.end].split())
            candidate = _Candidate(hit, unit, text)
            if 1 < candidate.words <= _LONGEST_UNIT_WORDS and candidate.says_something:
                found.append(candidate)
    return found[:_MOST_UNITS]
