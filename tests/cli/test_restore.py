"""`archivar backup` and `archivar restore`, from one installation to another."""

from pathlib import Path

import pytest

from cli.installation import Running
from core.settings import Settings
from tests.cli.conftest import Archivar
from tests.milvus_server import MilvusServer


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """A folder with two letters."""
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "rent.txt").write_text("The rent of the boathouse is 310 euros a month.")
    (folder / "roof.txt").write_text("The tenant of the boathouse mends the roof each spring.")
    return folder


def test_questions_are_answered_as_before(archivar: Archivar, letters: Path, tmp_path: Path) -> None:
    question = "Who mends the roof of the boathouse?"
    assert archivar("add", letters, "--collection", "Boats").status == 0
    before = archivar("ask", question, "--json").json
    found = archivar("search", "boathouse", "--json").json["hits"]

    made = archivar("backup", tmp_path / "backup", "--json").json
    archivar("add", archivar_note(tmp_path), "--collection", "Boats")
    restored = archivar("restore", tmp_path / "backup", "--data", tmp_path / "other", "--json")

    assert (restored.status, restored.json["problems"], made["files"]) == (0, [], 2)
    doctor = archivar("doctor", "--data", tmp_path / "other", "--json")
    assert (doctor.status, doctor.json["totals"]["keywords"]) == (0, 2)
    after = archivar("ask", question, "--data", tmp_path / "other", "--json").json
    assert (after["answer"], after["citations"]) == (before["answer"], before["citations"])
    assert archivar("search", "boathouse", "--data", tmp_path / "other", "--json").json["hits"] == found


def archivar_note(tmp_path: Path) -> Path:
    """Something that is added after the backup."""
    path = tmp_path / "late.txt"
    path.write_text("The boathouse was sold to the ferrymen.")
    return path


def test_what_came_later_goes_when_all_is_replaced(archivar: Archivar, letters: Path, tmp_path: Path) -> None:
    archivar("add", letters, "--collection", "Boats")
    archivar("backup", tmp_path / "backup")
    archivar("add", archivar_note(tmp_path), "--collection", "Boats")
    assert len(archivar("search", "boathouse", "--json").json["hits"]) == 3

    refused = archivar("restore", tmp_path / "backup", "--json")
    replaced = archivar("restore", tmp_path / "backup", "--replace")

    assert (refused.status, refused.json["error"]["code"]) == (1, "conflict")
    assert (replaced.status, "All is well." in replaced.stdout) == (0, True)
    assert len(archivar("search", "boathouse", "--json").json["hits"]) == 2
    assert archivar("doctor").status == 0


def test_not_while_it_runs(archivar: Archivar, settings: Settings, tmp_path: Path) -> None:
    archivar("backup", tmp_path / "backup")

    with Running(settings):
        ran = archivar("restore", tmp_path / "backup", "--replace", "--json")

    assert (ran.status, ran.json["error"]["code"]) == (1, "conflict")


def test_a_file_that_is_no_backup(archivar: Archivar, letters: Path) -> None:
    ran = archivar("restore", letters / "rent.txt", "--json")

    assert (ran.status, ran.json["error"]["code"]) == (2, "not_a_backup")


@pytest.mark.parametrize("settings", ["milvus"], indirect=True)
def test_an_index_server_is_filled_anew(
    archivar: Archivar, letters: Path, settings: Settings, milvus_server: MilvusServer, tmp_path: Path
) -> None:
    archivar("add", letters, "--collection", "Boats")
    archivar("backup", tmp_path / "backup")
    archivar("add", archivar_note(tmp_path), "--collection", "Boats")

    assert archivar("restore", tmp_path / "backup", "--replace").status == 0

    assert archivar("doctor").status == 0
    assert len(archivar("search", "boathouse", "--json").json["hits"]) == 2
