"""Golden questions: how often search and answers point at the right page. Measures as section 6 of the docs defines.

The same measures serve an operator before a change of model, passages or index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from core.errors import InvalidRequest
from core.filters import Filter
from core.values import OPERATOR, Hit
from llm.gold import contains
from llm.services import Services

_PAGE_RANKS = (1, 5, 10, 20)
_DOCUMENT_RANKS = (1, 5)
_WARM_UP = 5
Place = tuple[str, int]


class Evidence(BaseModel):
    """A page that holds the answer; pages count from 1."""

    document: str
    page: int


class GoldenQuestion(BaseModel):
    """A question with its known answer and the pages that hold it."""

    id: str
    question: str = Field(min_length=1)
    answer: str
    evidence: list[Evidence] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Outcome:
    question: GoldenQuestion
    pages: Sequence[Place]
    answer: str
    cited: frozenset[Place]
    search_ms: float

    @property
    def evidence(self) -> set[Place]:
        return {(e.document, e.page) for e in self.question.evidence}


def read_questions(path: Path) -> list[GoldenQuestion]:
    """The golden questions in a JSONL file. Raises `InvalidRequest` naming the line that is not one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    questions = [_read_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise InvalidRequest(f"{path.name} holds no questions.")
    return questions


def _read_question(path: Path, number: int, line: str) -> GoldenQuestion:
    try:
        return GoldenQuestion.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise InvalidRequest(f"{path.name}, line {number}: {where}: {first['msg']}.") from None


def evaluate(
    services: Services, path: Path, within: Filter, on_progress: Callable[[int, int], None]
) -> dict[str, object]:
    """Ask every golden question of what is within the filter and measure what comes back."""
    questions = read_questions(path)
    for question in questions[:_WARM_UP]:
        services.retriever.search(OPERATOR, question.question, within=within)
    outcomes = []
    for done, question in enumerate(questions, 1):
        outcomes.append(_ask(services, question, within))
        on_progress(done, len(questions))
    return _measures(outcomes)


def _ask(services: Services, question: GoldenQuestion, within: Filter) -> _Outcome:
    pages: list[Place] = []
    k = 2 * _PAGE_RANKS[-1]
    while True:
        found = services.retriever.search(OPERATOR, question.question, within=within, k=k)
        pages = _distinct_pages(found.hits)
        if len(pages) >= _PAGE_RANKS[-1] or len(found.hits) < k or k == services.settings.max_results:
            break
        k = min(2 * k, services.settings.max_results)
    answer = services.assistant.answer(OPERATOR, question.question, within=within)
    cited = frozenset((citation.filename, citation.page) for citation in answer.citations)
    return _Outcome(question, pages, answer.answer, cited, found.took_ms)


def _distinct_pages(hits: Sequence[Hit]) -> list[Place]:
    return list(dict.fromkeys((hit.passage.filename, hit.passage.page) for hit in hits))


def _measures(outcomes: Sequence[_Outcome]) -> dict[str, object]:
    latencies = [outcome.search_ms for outcome in outcomes]
    return {
        "questions": len(outcomes),
        "page_hit": {str(k): _share([not o.evidence.isdisjoint(o.pages[:k]) for o in outcomes]) for k in _PAGE_RANKS},
        "document_hit": {str(k): _share([_document_hit(o, k) for o in outcomes]) for k in _DOCUMENT_RANKS},
        "answer_contains": _share([contains(o.question.answer, o.answer) for o in outcomes]),
        "answer_words_median": median(len(o.answer.split()) for o in outcomes),
        "cited_page_hit": _share([not o.evidence.isdisjoint(o.cited) for o in outcomes]),
        "latency_ms": {f"p{p}": round(float(np.percentile(latencies, p)), 2) for p in (50, 95)},
    }


def _document_hit(outcome: _Outcome, k: int) -> bool:
    documents = list(dict.fromkeys(name for name, _ in outcome.pages))[:k]
    return any(name in documents for name, _ in outcome.evidence)


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4)
