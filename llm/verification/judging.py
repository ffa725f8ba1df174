"""The verdict on a sentence: its best span among passages, the facts checked there, and what the rest comes to.

Facts have the last word: a number, date, name, role, negation or direction that the span contradicts makes a sentence
unsupported however alike the words are. Nothing here asks a language model; the same input gives the same verdict.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.values import Verdict
from llm.verification.alignment import Alignment, PartVectors
from llm.verification.comparison import Comparison, Reason
from llm.verification.edits import wrong_words
from llm.verification.figures import share_of_facts, wrong_figures
from llm.verification.logic import wrong_amounts, wrong_polarity, wrong_ways
from llm.verification.names import known, missing, names, wrong_names
from llm.verification.readings import Reading, read
from llm.verification.roles import wrong_roles
from llm.verification.row_facts import best_rows, wrong_row
from llm.verification.spans import Part, Span, parts, spans
from llm.verification.tables import Row
from retrieval.embedders.protocol import Embedder

# What share of a sentence's words has to be found for each verdict; from pairs of our own and the dev half of bench.
_ENOUGH, _SOME = 0.35, 0.25
_ENOUGH_OF_ROW = 0.4
# Two sentences are taken for one only where that finds more; another span is looked at where it is nearly as good.
_LEAST_OF_CLAUSE, _NEVER = 0.25, 2.0
_PAIR, _NEARLY, _CANDIDATES = 0.05, 0.1, 8
_FACTS, _GUIDED = 0.2, 0.2
_ROW_FIT, _NAMED = 0.6, 0.99
_FEWEST_FACTS = 1
# What tells whether a span is about the same at all; what it says of it is another matter.
_OF_FACTS = frozenset({Reason.NUMBER, Reason.UNIT, Reason.SCALE, Reason.DATE, Reason.NAME})
_OF_LOGIC = frozenset({Reason.ROLE, Reason.NEGATION, Reason.DIRECTION, Reason.QUANTIFIER, Reason.ANOTHER_LANGUAGE})
_HEADING_WORDS = 7
# Of a sentence no more characters and figures are read: each figure is held against each of a passage.
_LONGEST, _MOST_FIGURES = 2000, 40
_LEAST_CONTENT, _SUBJECT_STEPS = 3, 6
_BETWEEN_CLAUSES = re.compile(
    r"\s*;\s+|,?\s+(?:and|but|while|whereas|und|aber|während|wohingegen)\s+|,\s+(?:which|who)\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """The characters `start:end` of passage number `passage`, counted from 0."""

    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the span that it rests on, where there is one, and why.

    `more` are the spans of further clauses, where each has its own.
    """

    verdict: Verdict
    span: Quoted | None
    reasons: tuple[Reason, ...]
    more: tuple[Quoted, ...] = ()


@dataclass(frozen=True)
class _Evidence:
    """What a sentence is held against: parts of passages with the vectors of their words, and what is around them."""

    found: Sequence[Part]
    passages: Sequence[str]
    vectors: PartVectors
    around: Reading


@dataclass(frozen=True)
class _Finding:
    """What one span comes to: how much of the sentence it has, and what speaks against it."""

    quoted: Quoted
    coverage: float
    against: tuple[Reason, ...]
    enough: float


def judge(sentence: str, passages: Sequence[str], embedder: Embedder | None, *, around: str = "") -> Judgement:
    """Whether passages support a sentence, and the words that do.

    `around` is text that tells what the passages are about, such as titles: names and years in it are known. A sentence
    that stands in a passage word for word costs no embedding. Without an embedder words are told by their forms alone,
    and more that is said in other words is flagged.
    """
    quoted = verbatim(sentence, passages)
    if quoted is not None:
        return Judgement(Verdict.SUPPORTED, quoted, (Reason.VERBATIM,))
    said = _read_from(sentence)
    found = parts(said, passages)
    if not said.words or not found:
        return Judgement(Verdict.UNSUPPORTED, None, (Reason.NOT_FOUND,))
    evidence = _Evidence(found, passages, PartVectors(found, embedder), read(around))
    whole = _whole(said, evidence)
    if len(said.text) < len(sentence) and whole.verdict is Verdict.SUPPORTED:
        # What has not been read cannot be called supported.
        return Judgement(Verdict.PARTLY, whole.span, (Reason.PARTLY_FOUND,))
    if whole.verdict is Verdict.SUPPORTED or not _OF_LOGIC.isdisjoint(whole.reasons):
        return whole
    return _by_clauses(said, whole, evidence)


def _read_from(sentence: str) -> Reading:
    said = read(sentence[:_LONGEST])
    if len(said.quantities) <= _MOST_FIGURES:
        return said
    return read(sentence[: sorted(one.start for one in said.quantities)[_MOST_FIGURES]])


def _whole(said: Reading, evidence: "_Evidence") -> Judgement:
    best = _best([*_in_rows(said, evidence.passages), *_in_prose(said, evidence)])
    if best is None:
        return Judgement(Verdict.UNSUPPORTED, None, (Reason.NOT_FOUND,))
    if _foreign(said, evidence.passages[best.quoted.passage]):
        return _across_languages(said, evidence.found, evidence.passages)
    return _verdict(best)


def _by_clauses(said: Reading, whole: Judgement, evidence: "_Evidence") -> Judgement:
    """A sentence of several clauses that each have a span of their own, perhaps in several passages.

    It is supported where all of them are, and whom they speak of is the same; partly where only some are and nothing
    speaks against the others.
    """
    clauses = [read(text) for text in _clauses(said)]
    if len(clauses) < 2:  # one is the sentence itself
        return whole
    judged = [_whole(clause, evidence) for clause in clauses]
    standing = [one for one in judged if one.verdict is Verdict.SUPPORTED and one.span is not None]
    spans_found = tuple(dict.fromkeys(one.span for one in standing if one.span is not None))
    if len(standing) == len(judged) and _one_subject(clauses, judged, evidence):
        return Judgement(Verdict.SUPPORTED, spans_found[0], (Reason.FACTS_AGREE,), spans_found[1:])
    against = [one for one in judged if one.verdict is Verdict.UNSUPPORTED and one.span is not None]
    if standing and not against and whole.verdict is Verdict.UNSUPPORTED:
        return Judgement(Verdict.PARTLY, spans_found[0], (Reason.PARTLY_FOUND,), spans_found[1:])
    return whole


def _clauses(said: Reading) -> list[str]:
    texts = [text.strip() for text in _BETWEEN_CLAUSES.split(said.text)]
    readings = [read(text) for text in texts]
    return texts if all(len(one.content) + len(one.figures) >= _LEAST_CONTENT for one in readings) else []


def _one_subject(clauses: Sequence[Reading], judged: Sequence[Judgement], evidence: "_Evidence") -> bool:
    """Whether each passage knows the names that the first clause begins with, where a later one has no name itself."""
    subject = [word for word in names(clauses[0], read("")) if word.at <= _SUBJECT_STEPS]
    for clause, one in zip(clauses[1:], judged[1:], strict=True):
        own = [word for word in clause.words if word.content][:1]
        named = bool(own and own[0].capital and not clause.german) or any(True for _ in names(clause, read("")))
        passage = read(evidence.passages[one.span.passage]) if one.span is not None else read("")
        if not named and not all(known(word, passage) or known(word, evidence.around) for word in subject):
            return False
    return True


def _verdict(best: _Finding) -> Judgement:
    if best.against:
        return Judgement(Verdict.UNSUPPORTED, best.quoted, tuple(dict.fromkeys(best.against)))
    if best.coverage >= best.enough:
        return Judgement(Verdict.SUPPORTED, best.quoted, (Reason.FACTS_AGREE,))
    if best.coverage >= _SOME:
        return Judgement(Verdict.PARTLY, best.quoted, (Reason.PARTLY_FOUND,))
    return Judgement(Verdict.UNSUPPORTED, None, (Reason.NOT_FOUND,))


def _best(findings: Sequence[_Finding]) -> _Finding | None:
    """Of the findings that are nearly as good as the best the best one whose figures and names agree, else the best."""
    if not findings:
        return None
    top = max(finding.coverage for finding in findings)
    near = [finding for finding in findings if finding.coverage >= top - _NEARLY]
    return min(near, key=lambda finding: (bool(_OF_FACTS & set(finding.against)), -finding.coverage))


def _in_rows(said: Reading, passages: Sequence[str]) -> Iterator[_Finding]:
    if not (said.quantities or said.dates):
        return
    for number, passage in enumerate(passages):
        for fit, row in best_rows(said, passage):
            if fit >= _ROW_FIT:
                against = tuple(wrong_row(said, row, passage))
                coverage = _of_row(said, row, passage)
                # Figures that all agree with a row say more than words.
                coverage += _FACTS if not against and said.quantities else 0.0
                coverage += _FACTS if fit > _NAMED and len(row.label.content) > 1 else 0.0
                yield _Finding(Quoted(number, row.start, row.end), coverage, against, _ENOUGH_OF_ROW)


def _of_row(said: Reading, row: Row, passage: str) -> float:
    """The share of a sentence's words that a row, what stands above it or the rest of its passage has."""
    keys = row.label.keys | row.above.keys
    around = read(passage).keys
    told = said.content
    if not told:
        return 1.0
    return sum(1.0 if word.key in keys else 0.8 if word.key in around else 0.2 for word in told) / len(told)


def _in_prose(said: Reading, evidence: _Evidence) -> Iterator[_Finding]:
    alignment = Alignment(said, evidence.vectors)
    candidates = []
    for span in spans(evidence.found, evidence.passages):
        passage = read(evidence.passages[span.passage])
        both = Comparison(said, span, alignment.with_parts(span.parts), passage, evidence.around)
        rowed = all(part.row for part in span.parts) or _is_heading(span)
        score = both.coverage - _PAIR * (len(span.parts) - 1) - _NEARLY * rowed
        candidates.append((score + _GUIDED * share_of_facts(both), both))
    candidates.sort(key=lambda one: -one[0])
    for coverage, both in candidates[:_CANDIDATES]:
        if coverage >= candidates[0][0] - _NEARLY:
            quoted = Quoted(both.span.passage, both.span.start, both.span.end)
            # What is said in one clause does not stand for another that is found nowhere.
            enough = _ENOUGH if both.weakest >= _LEAST_OF_CLAUSE else _NEVER
            yield _Finding(quoted, coverage, tuple(_against(both)), enough)


def _is_heading(span: Span) -> bool:
    return len(span.reading.words) <= _HEADING_WORDS and span.reading.text.rstrip()[-1:] not in {
        ".",
        "!",
        "?",
        "”",
        '"',
    }


def _against(both: Comparison) -> Iterator[Reason]:
    for check in (wrong_figures, wrong_words, wrong_names, wrong_polarity, wrong_ways, wrong_amounts, wrong_roles):
        yield from check(both)


def _foreign(said: Reading, passage: str) -> bool:
    other = read(passage).language
    return bool(said.language and other and said.language != other)


def _across_languages(said: Reading, found: Sequence[Part], passages: Sequence[str]) -> Judgement:
    """Facts alone tell across languages, and never enough for more than `partly`."""
    best: tuple[int, Quoted] | None = None
    for span in spans(found, passages):
        both = Comparison(said, span, (), read(passages[span.passage]), read(""))
        facts = len(said.quantities) + len(said.dates) + len(list(names(said, span.reading)))
        if facts >= _FEWEST_FACTS and not list(wrong_figures(both)) and not missing(both).unknown:
            quoted = Quoted(span.passage, span.start, span.end)
            if best is None or len(span.parts) < best[0]:
                best = (len(span.parts), quoted)
    if best is None:
        return Judgement(Verdict.UNSUPPORTED, None, (Reason.ANOTHER_LANGUAGE,))
    return Judgement(Verdict.PARTLY, best[1], (Reason.ANOTHER_LANGUAGE,))


_SPACE = re.compile(r"\s+")


def verbatim(sentence: str, passages: Sequence[str]) -> Quoted | None:
    """Where a sentence stands word for word, space and case aside."""
    words = _SPACE.sub(" ", unicodedata.normalize("NFKC", sentence)).strip().casefold()
    if not words:
        return None
    pattern: re.Pattern[str] | None = None
    for number, passage in enumerate(passages):
        if words not in f"{_SPACE.sub(' ', unicodedata.normalize('NFKC', passage)).casefold()}":
            continue
        pattern = pattern or re.compile(
            r"(?<!\S)" + r"\s+".join(map(re.escape, sentence.split())) + r"(?!\S)", re.IGNORECASE
        )
        found = pattern.search(passage)
        if found is not None:
            return Quoted(number, found.start(), found.end())
    return None
