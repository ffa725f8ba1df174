"""Options that narrow what `search`, `ask` and `evaluate` look at, and tags from `add`."""

import json
from pathlib import Path

import pytest

from cli.main import main
from core.settings import Settings
from tests.cli.conftest import Archivar


@pytest.fixture
def library(archivar: Archivar, tmp_path: Path) -> None:
    """Two collections; one document is tagged."""
    for collection, name, text, tags in (
        ("Mine", "new.txt", "The rent of the hall is 700 euros.", ["--tag", "Rent", "--tag", "valid now"]),
        ("Mine", "old.txt", "The rent of the hall was 500 euros.", []),
        ("Other", "other.txt", "The rent of the garden is 90 euros.", ["--tag", "rent"]),
    ):
        (tmp_path / name).write_text(text)
        added = archivar("add", tmp_path / name, "--collection", collection, *tags, "--json")
        assert added.status == 0, added.stderr


def _found(archivar: Archivar, *options: str) -> set[str]:
    ran = archivar("search", "rent of the hall", *options, "--json")
    assert ran.status == 0, ran.stderr
    return {hit["filename"] for hit in ran.json["hits"]}


@pytest.mark.usefixtures("library")
def test_options_narrow(archivar: Archivar, tmp_path: Path) -> None:
    assert _found(archivar, "--tag", "RENT") == {"new.txt", "other.txt"}
    assert _found(archivar, "--tag", "rent", "--collection", "Mine") == {"new.txt"}
    assert _found(archivar, "--collection", "Mine", "--collection", "Other", "--type", "txt", "--type", "pdf") == {
        "new.txt",
        "old.txt",
        "other.txt",
    }
    assert _found(archivar, "--to", "2000-01-01") == _found(archivar, "--type", "pdf") == set()

    asked = archivar("ask", "What is the rent of the hall?", "--tag", "valid now", "--json").json
    assert {citation["filename"] for citation in asked["citations"]} == {"new.txt"}

    question = {"id": "1", "question": "What is the rent?", "answer": "90", "evidence": []}
    (tmp_path / "golden.jsonl").write_text(json.dumps({**question, "evidence": [{"document": "new.txt", "page": 1}]}))
    told = [
        archivar("evaluate", tmp_path / "golden.jsonl", "--collection", "Mine", *options, "--json").json["document_hit"]
        for options in (["--tag", "rent"], ["--tag", "unheard of"])
    ]
    assert [one["1"] for one in told] == [1.0, 0.0]


@pytest.mark.usefixtures("library")
def test_a_search_explains_itself_when_asked(archivar: Archivar) -> None:
    plain = archivar("search", "rent of the hall", "--json").json
    told = archivar("search", "rent of the hall", "--explain", "--json").json
    shown = archivar("search", "rent of the hall", "--explain").stdout

    assert set(plain) == {"hits", "took_ms", "moderation"} and "scores" not in plain["hits"][0]
    assert set(told["hits"][0]["scores"]) == {"dense", "keyword", "card"}
    assert "hall" in told["explanation"]["words"]
    assert f"meaning {told['hits'][0]['scores']['dense']:.3f}" in shown
    assert "Words searched: " in shown


@pytest.mark.parametrize(
    "options",
    [
        ["--type", "piano"],
        ["--language", "german"],
        ["--from", "31.01.2026"],
        ["--from", "2026-02-01", "--to", "2026-01-31"],
        ["--document", "x"],
        ["--tag", "a,b"],
    ],
)
def test_wrong_values_are_bad_usage_and_open_nothing(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["search", "rent"], ["ask", "rent"]):
        assert main([*command, "--data", str(tmp_path / "data"), *options]) == 2
        assert capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_an_impossible_tag_adds_nothing(settings: Settings, tmp_path: Path, archivar: Archivar) -> None:
    (tmp_path / "a.txt").write_text("The rent is 500 euros.")

    ran = archivar("add", tmp_path / "a.txt", "--collection", "Mine", "--tag", "a,b", "--json")

    assert ran.status == 2
    assert "A tag has" in ran.stderr
    assert not any(path.is_file() for path in settings.files_dir.rglob("*"))
