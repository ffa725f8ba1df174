"""Sources that contradict each other: what an answer quotes, and another document that gives another figure for it.

Found by words and numbers alone, and only where both are surely about the same: the same row, period and unit of
documents about the same subject; or sentences of the same words, names and years with another number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.values import Hit, Passage
from llm.figures.concepts import plain_label
from llm.figures.row_words import unit_of
from llm.figures.tables import Row, rows
from llm.units import units
from llm.writers import Source

CONFLICTING_SOURCES = "conflicting_sources"
_MOST = 3
_LEAST_WORDS = 4
# Of the words of two sentences about the same thing, as many are shared.
_SHARED = 0.8
_TOKEN = re.compile(r"\d[\d.,]*\d|\d|[^\W\d_](?:[\w'’-]*\w)?")
_CURRENCY = re.compile(r"[$€£¥%]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER_WORDS_TEXT = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand half "
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig "
    "sechzig siebzig achtzig neunzig hundert tausend "
)
_NUMBER_WORDS = frozenset(_NUMBER_WORDS_TEXT.split())
# Words of a file's name or a title that say nothing of its subject.
_NO_SUBJECT_TEXT = (
    "the a an of and for to in annual quarterly report reports final draft copy version rev revised new old v "
    "document file der die das und jahresbericht bericht entwurf endfassung kopie fassung neu alt k q fy page "
    "table contents title untitled "
)
_NO_SUBJECT = frozenset(_NO_SUBJECT_TEXT.split())
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources of different documents that give different figures for the same thing."""

    first: Source
    second: Source


def conflicts(cited: Sequence[Source], hits: Sequence[Hit]) -> list[Conflict]:
    """Where what is cited is contradicted by another document among the hits, each pair once."""
    passages = [hit.passage for hit in hits]
    found: dict[tuple[str, str], Conflict] = {}
    for conflict in (*_of_rows(cited, passages), *_of_sentences(cited, passages)):
        documents = sorted([conflict.first.passage.document_id, conflict.second.passage.document_id])
        found.setdefault((documents[0], documents[1]), conflict)
    return list(found.values())[:_MOST]


def _of_rows(cited: Sequence[Source], passages: Sequence[Passage]) -> Iterator[Conflict]:
    tables = [row for row in rows(passages) if row.columns]
    quoted = [row for row in tables if any(_is_quoted(row, source) for source in cited)]
    for row in quoted:
        for other in tables:
            if other.passage.document_id != row.passage.document_id and _contradict(row, other):
                yield Conflict(Source(row.passage, row.quote), Source(other.passage, other.quote))


def _is_quoted(row: Row, source: Source) -> bool:
    return row.passage.id == source.passage.id and row.quote in source.quote


def _contradict(row: Row, other: Row) -> bool:
    """Whether two rows of the same label, statement, section and unit differ in a period that both have."""
    alike = plain_label(row.label).lower() == plain_label(other.label).lower() and unit_of(row) == unit_of(other)
    placed = (row.statement, row.section.lower()) == (other.statement, other.section.lower())
    if not (alike and placed and _same_subject(row.passage, other.passage)):
        return False
    values = {column: cell.value for column, cell in zip(other.columns, other.cells, strict=True)}
    pairs = [(cell, values.get(column)) for column, cell in zip(row.columns, row.cells, strict=True)]
    return any(cell.value is not None and value is not None and abs(cell.value) != abs(value) for cell, value in pairs)


def _of_sentences(cited: Sequence[Source], passages: Sequence[Passage]) -> Iterator[Conflict]:
    others = [(passage, said) for passage in passages for said in _sentences(passage)]
    for source in cited:
        mine = _Said(source.quote)
        for passage, said in others:
            apart = passage.document_id != source.passage.document_id
            if apart and _disagree(mine, said) and (mine.is_named or _same_subject(source.passage, passage)):
                yield Conflict(source, Source(passage, said.text))


def _sentences(passage: Passage) -> Iterator["_Said"]:
    for unit in units(passage.text, passage.heading):
        if not unit.row:
            yield _Said(passage.text[unit.start : unit.end])


class _Said:
    """The words of a sentence, its years and its other numbers."""

    def __init__(self, text: str) -> None:
        self.text = text
        tokens = _TOKEN.findall(text)
        figures = [token for token in tokens if token[0].isdigit() or token.lower() in _NUMBER_WORDS]
        self.years = sorted(token for token in figures if _YEAR.fullmatch(token))
        self.numbers = sorted(token.lower().rstrip(".,") for token in figures if not _YEAR.fullmatch(token))
        words = [token for token in tokens if token not in figures]
        self.words = frozenset(word.lower() for word in words)
        self.names = frozenset(word for word in words[1:] if word[0].isupper() or any(c.isdigit() for c in word))
        # What is counted or measured: the word behind each number, and signs of currencies.
        pairs = pairwise([*tokens, ""])
        behind = sorted(after.lower() for token, after in pairs if token in figures and after not in figures)
        self.measures = (behind, sorted(_CURRENCY.findall(text)))

    @property
    def is_named(self) -> bool:
        """Whether it says itself whom or what it is about."""
        return bool(self.names)


def _disagree(one: _Said, other: _Said) -> bool:
    """Whether two sentences say the same of the same in the same years, but for a number."""
    if len(one.words) < _LEAST_WORDS or not one.numbers or len(one.numbers) != len(other.numbers):
        return False
    same = one.years == other.years and one.names == other.names and one.measures == other.measures
    shared = len(one.words & other.words) / max(1, len(one.words | other.words))
    return same and shared >= _SHARED and one.numbers != other.numbers


def _same_subject(one: Passage, other: Passage) -> bool:
    """Whether two documents are about the same by their files' names or by their titles, years and versions aside."""
    return not _subjects(one).isdisjoint(_subjects(other))


def _subjects(passage: Passage) -> frozenset[str]:
    stem = passage.filename.rpartition(".")[0] or passage.filename
    named = (stem, passage.title.rpartition(".")[0] or passage.title)
    return frozenset(filter(None, map(_subject, named)))


def _subject(name: str) -> str:
    words = (word.lower() for word in _LETTERS.findall(name.replace("_", " ")))
    return " ".join(word for word in words if word not in _NO_SUBJECT)
