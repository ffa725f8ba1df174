"""The writer for machines without a language model: it quotes the sentences and table rows that answer.

It adds no word of its own, so everything it says stands in a passage.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.values import Hit
from llm.coverage import coverage
from llm.subjects import of_named
from llm.units import Unit, units
from llm.writers import Draft, Source
from retrieval.embedders.protocol import Embedder
from retrieval.questions import Question, understand

_PASSAGES = 10
_MOST_UNITS = 160
_MOST_QUOTES = 3
_MOST_SOURCES = 3
_MOST_WORDS = 60
_LONGEST_UNIT_WORDS = 120
_TITLE_WORDS = 10
_ENDS = frozenset('.!?:;)"”’»')
_WORD = re.compile(r"[^\W\d_]{2}")
_FIGURES = re.compile(r"[($€£-]*\d[\d.,]*\s*%?\)?")
_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
# A further quote must be nearly as good as the first one.
_NEARLY = 0.8
# Below this no candidate answers: on held-out topics 97 % of answerable questions lie above, 97 % of others below.
_FITS = 0.32
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
            return bool(_WORD.search(self.label)) and bool(_FIGURES.search(_YEARS.sub(" ", self.text)))
        return self.text[-1] in _ENDS or self.words >= _TITLE_WORDS


class QuotingWriter:
    """A `Writer` that only quotes."""

    model = "quoting"
    introduction = "Quoted from your documents:"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
        """The sentences and rows that fit the question best, the best first; none when nothing fits."""
        asked = understand(question)
        candidates = _candidates(of_named(asked, hits[:_PASSAGES]))
        if not candidates:
            return
        fit = self._fit(asked, candidates)
        if float(fit.max()) < _FITS:
            return
        scores = fit + _likelihood(asked, candidates)
        best = float(scores.max())
        words = 0
        quoted: list[str] = []
        for place in np.argsort(-scores, kind="stable").tolist():
            candidate = candidates[place]
            if len(quoted) == _MOST_QUOTES or scores[place] < _NEARLY * best:
                return
            if candidate.text in quoted:
                continue
            words += candidate.words
            if quoted and words > _MOST_WORDS:
                return
            quoted.append(candidate.text)
            yield Draft(candidate.text, _sources(candidate, candidates))

    def _fit(self, question: Question, candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
        """How well each candidate fits what is asked, by meaning and by wording; the best of several ways to ask."""
        labels = self._embedder.embed_passages([c.label for c in candidates])
        meaning = labels @ self._embedder.embed_queries(question.asks).T
        texts = [c.text for c in candidates]
        wording = np.array([coverage(ask, texts) for ask in question.asks]).T
        fit: NDArray[np.float64] = (0.5 * meaning + 0.3 * wording).max(axis=1)
        return fit


def _sources(chosen: _Candidate, candidates: Sequence[_Candidate]) -> tuple[Source, ...]:
    """Every passage in which these words stand, the best one first."""
    same = sorted((c for c in candidates if c.text == chosen.text), key=lambda c: c.hit.rank)
    by_passage: dict[int, Source] = {}
    for c in same:
        passage = c.hit.passage
        by_passage.setdefault(passage.id, Source(passage, passage.text[c.unit.start : c.unit.end]))
    return tuple(by_passage.values())[:_MOST_SOURCES]


def _likelihood(question: Question, candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
    """What speaks for a candidate apart from its fit.

    That is the rank of its passage, a figure where one is asked for, and standing where the question says to look.
    """
    rank = np.array([1.0 / (1.0 + 0.25 * (c.hit.rank - 1)) for c in candidates])
    wants_figure = bool(_QUANTITY.search(question.text))
    figure = np.array([wants_figure and bool(_NUMERAL.search(c.text)) for c in candidates])
    row = np.array([wants_figure and c.unit.row for c in candidates])
    place = coverage(" ".join(question.frames), [c.hit.passage.heading for c in candidates])
    likelihood: NDArray[np.float64] = 0.08 * rank + 0.08 * figure + 0.04 * row + 0.2 * place
    return likelihood


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    found = []
    for hit in hits:
        for unit in units(hit.passage.text, hit.passage.heading):
            text = " ".join(hit.passage.text[unit.start : unit.end].split())
            candidate = _Candidate(hit, unit, text)
            if 1 < candidate.words <= _LONGEST_UNIT_WORDS and candidate.says_something:
                found.append(candidate)
    return found[:_MOST_UNITS]
