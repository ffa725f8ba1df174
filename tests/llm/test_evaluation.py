"""Golden questions: measures that can be worked out by hand."""

import json
from pathlib import Path

import pytest

from core.errors import InvalidRequest
from core.filters import Filter
from llm.evaluation import evaluate, read_questions
from llm.services import Services
from tests import factories
from tests.retrieval.conftest import Publish


def write(path: Path, *questions: tuple[str, str, str, int]) -> Path:
    lines = [
        {"id": str(n), "question": q, "answer": a, "evidence": [{"document": d, "page": p}]}
        for n, (q, a, d, p) in enumerate(questions)
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    return path


def test_measures(services: Services, publish_text: Publish, tmp_path: Path) -> None:
    publish_text("lease.txt", "The tenant pays rent monthly.", "The notice period is three months.")
    publish_text("dogs.txt", "Dogs need the consent of the landlord.")
    questions = write(
        tmp_path / "golden.jsonl",
        ("How long is the notice period?", "three months", "lease.txt", 2),
        ("Who must agree to dogs?", "the landlord", "dogs.txt", 1),
        ("When is rent paid?", "weekly", "lease.txt", 9),
        ("Which planet is the largest?", "Jupiter", "planets.txt", 1),
    )
    seen: list[int] = []
    within = Filter(collections=(factories.collection_id(services.store),))

    measures = evaluate(services, questions, within, lambda done, total: seen.append(done))

    assert measures["questions"] == 4
    assert measures["page_hit"] == {"1": 0.5, "5": 0.5, "10": 0.5, "20": 0.5}
    assert measures["document_hit"] == {"1": 0.75, "5": 0.75}
    assert (measures["answer_contains"], measures["cited_page_hit"]) == (0.5, 0.5)
    assert set(measures) >= {"answer_words_median", "latency_ms"}
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no questions"),
        ("not json", "line 1"),
        ('{"id": "1", "question": "q", "answer": "a", "evidence": []}', "evidence"),
        ('{"id": "1", "answer": "a", "evidence": [{"document": "d", "page": 1}]}', "question"),
    ],
)
def test_a_file_that_holds_no_golden_questions_says_where(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(content)

    with pytest.raises(InvalidRequest, match=message):
        read_questions(path)
