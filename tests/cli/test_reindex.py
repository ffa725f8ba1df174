"""`archivar reindex`: the model of an installation changes over only when it is told to."""

from pathlib import Path

import pytest

from core.settings import Settings
from retrieval.embedders.recipes import BUNDLED, chosen
from tests.cli.conftest import Archivar
from tests.tiny_embedders import tiny_embedder


@pytest.fixture
def library(archivar: Archivar, tmp_path: Path) -> None:
    """One document with the bundled model's vectors."""
    (tmp_path / "rent.txt").write_text("The tenant pays rent.")
    assert archivar("add", tmp_path / "rent.txt", "--collection", "Contracts").status == 0


@pytest.fixture
def other(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of another model, which the settings name from now on."""
    model = tiny_embedder(tmp_path / "tiny", 24)
    monkeypatch.setenv("ARCHIVAR_EMBEDDER", str(model))
    monkeypatch.setenv("ARCHIVAR_EMBEDDER_DEVICE", "cpu")
    return chosen(settings.model_copy(update={"embedder": str(model)})).name


def test_another_model_answers_only_after_reindexing(
    archivar: Archivar, library: None, other: str, tmp_path: Path
) -> None:
    looked = archivar("doctor", "--json")
    assert looked.status == 1
    (problem,) = looked.json["problems"]
    assert problem["kind"] == "embedder"
    assert "./archivar reindex" in problem["message"]
    (tmp_path / "dog.txt").write_text("Dogs are allowed.")
    assert archivar("add", tmp_path / "dog.txt", "--collection", "Contracts").status == 0
    assert len(archivar("search", "rent", "--json").json["hits"]) == 2

    done = archivar("reindex", "--json")

    assert done.status == 0
    told = done.json
    assert told.pop("seconds") >= 0
    assert told == {"before": BUNDLED.name, "after": other, "documents": 2, "passages": 2, "rebuilt": False}
    assert archivar("doctor", "--json").json["totals"]["vectors"] == 2
    assert len(archivar("search", "rent", "--json").json["hits"]) == 2


def test_what_it_did_in_words(archivar: Archivar, library: None, other: str) -> None:
    first, second = archivar("reindex"), archivar("reindex")

    assert f"The vectors of {other} answer from now on, in place of {BUNDLED.name}." in first.stdout
    assert f"The embedder is still {other}. The indexes were made anew." in second.stdout


def test_a_model_that_is_not_here(
    archivar: Archivar, library: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVAR_EMBEDDER", str(tmp_path / "nothing"))

    refused = archivar("reindex", "--json")

    assert (refused.status, refused.json["error"]["code"]) == (1, "embedder_missing")
    assert "ARCHIVAR_EMBEDDER" in refused.json["error"]["message"]
    assert len(archivar("search", "rent", "--json").json["hits"]) == 1
