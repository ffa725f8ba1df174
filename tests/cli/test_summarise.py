"""Summaries at the command line: of a document and of a collection, and what they would take."""

import json

import pytest

from cli.main import main
from core.settings import Settings
from tests.llm.conftest import embedder, publish_text
from tests.retrieval.conftest import Publish

__all__ = ["embedder", "publish_text"]

LEASE = "The tenant must pay the rent by the third day of each month. The house was painted white in the year 1990."
REPORT = "Sales of bicycles increased by 12 percent to 40 million euros in 2020. The factory in Bremen was modernised."


@pytest.fixture
def ids(publish_text: Publish) -> list[str]:
    """Two documents of one collection."""
    return [publish_text("lease.txt", LEASE).id, publish_text("report.txt", REPORT).id]


def _run(capsys: pytest.CaptureFixture[str], settings: Settings, *arguments: str) -> tuple[int, str]:
    status = main(["summarise", *arguments, "--data", str(settings.data)])
    return status, capsys.readouterr().out


def test_a_document_becomes_one_object(capsys: pytest.CaptureFixture[str], settings: Settings, ids: list[str]) -> None:
    status, printed = _run(capsys, settings, "--document", ids[0], "--template", "obligations", "--json")

    told = json.loads(printed)
    assert status == 0
    assert told["summary"] == "The tenant must pay the rent by the third day of each month. [1]"
    (statement,) = told["statements"]
    assert (statement["verdict"], statement["citations"]) == ("supported", [1])
    (citation,) = told["citations"]
    assert citation["document_id"] == ids[0]
    assert citation["quote"] == statement["text"]
    assert (told["model"], told["template"]) == ("quoting", "obligations")
    assert [notice["code"] for notice in told["notices"]] == ["extractive"]
    assert told["took_ms"] > 0


def test_a_collection_becomes_one_summary_with_a_share_for_each_document(
    capsys: pytest.CaptureFixture[str], settings: Settings, ids: list[str]
) -> None:
    status, printed = _run(capsys, settings, "--collection", "Contracts", "--json")
    _, shown = _run(capsys, settings, "--collection", "Contracts")

    told = json.loads(printed)
    assert status == 0
    assert {citation["document_id"] for citation in told["citations"]} == set(ids)
    assert {statement["heading"] for statement in told["statements"]} == {"lease.txt", "report.txt"}
    assert told["failed"] == []
    assert "lease.txt\n- The" in shown


def test_a_dry_run_says_what_it_would_take(
    capsys: pytest.CaptureFixture[str], settings: Settings, ids: list[str]
) -> None:
    _, printed = _run(capsys, settings, "--collection", "Contracts", "--dry-run", "--json")

    assert {**json.loads(printed), "seconds": None} == {
        "documents": len(ids),
        "pages": 2,
        "passages": 2,
        "tokens": 0,
        "seconds": None,
    }


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 2),
        (("--collection", "Contracts", "--document", "x"), 2),
        (("--document", "unknown"), 1),
        (("--collection", "Contracts", "--template", "poem"), 2),
    ],
)
@pytest.mark.usefixtures("ids")
def test_what_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], settings: Settings, arguments: tuple[str, ...], status: int
) -> None:
    assert _run(capsys, settings, *arguments)[0] == status
