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
from retrieval.embedders.protocol import Embedder, TakeTokens, Vectors
from retrieval.late import closeness
from retrieval.questions import Question, understand

_PASSAGES = 10
_MOST_UNITS = 160
_MOST_QUOTES = 3
_MOST_SOURCES = 3
_MOST_WORDS = 70
_LONGEST_UNIT_WORDS = 120
_TITLE_WORDS = 10
_ENDS = frozenset('.!?:;)"”’»')
_WORD = re.compile(r"[^\W\d_]{2}")
_FIGURES = re.compile(r"[($€£-]*\d[\d.,]*\s*%?\)?")
_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
# A further quote must be nearly as good as the first one.
_NEARLY = 0.86
# Below this no candidate answers. Of XQuAD's questions 97 % lie above in English and 95 % in German; with their topic
# taken away, 96 % and 88 % lie below.
_FITS = 0.65
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
        scores = self._scores(asked, candidates)
        if float(scores.max()) < _FITS:
            return
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

    def _scores(self, question: Question, candidates: Sequence[_Candidate]) -> NDArray[np.float64]:
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
        wording = np.array([coverage(ask, texts) for ask in asks]).T
        best: NDArray[np.float64] = (meaning + 0.3 * wording).max(axis=1)
        return best + _likelihood(question, candidates)


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
