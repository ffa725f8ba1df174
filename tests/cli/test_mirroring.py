"""A collection that mirrors a folder."""

import os
import pty
import subprocess
from pathlib import Path

from core.settings import ROOT, Settings, child_environment
from core.storage.store import Store
from tests import factories
from tests.cli.conftest import Archivar


def _folder(tmp_path: Path, **texts: str) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def _paths(settings: Settings) -> list[str]:
    store = Store(settings)
    try:
        return sorted(document.path for document in store.documents.page(factories.collection_id(store, "x")))
    finally:
        store.close()


def test_what_is_gone_from_the_folder_is_removed_after_it_was_listed(
    archivar: Archivar, settings: Settings, tmp_path: Path
) -> None:
    folder = _folder(tmp_path, kept="The kept one.", gone="The one that goes.", linked="The one that becomes a link.")
    assert archivar("add", folder, "--collection", "x").status == 0
    (folder / "gone.txt").unlink()
    (folder / "linked.txt").unlink()
    (folder / "linked.txt").symlink_to(folder / "kept.txt")
    _folder(tmp_path, kept="The kept one has changed.", new="The new one.")
    mirror = ("add", folder, "--collection", "x", "--remove-missing", "--json")

    listed = archivar(*mirror, "--dry-run")

    assert listed.status == 0
    assert listed.json["files"] == [
        {"path": "kept.txt", "change": "new_version", "error": None},
        {"path": "new.txt", "change": "added", "error": None},
    ]
    assert [row["path"] for row in listed.json["missing"]["removed"]] == ["gone.txt"]
    assert _paths(settings) == ["gone.txt", "kept.txt", "linked.txt"]

    asked = _at_a_terminal(settings, *mirror[:-1], answer=b"n\n")

    assert "not in the folder: gone.txt" in asked and "Delete 1 document?" in asked
    assert _paths(settings) == ["gone.txt", "kept.txt", "linked.txt", "new.txt"]

    done = archivar(*mirror)

    assert done.status == 0
    assert [(row["path"], row["change"]) for row in done.json["documents"]] == [
        ("kept.txt", "unchanged"),
        ("new.txt", "unchanged"),
    ]
    (removed,) = done.json["missing"]["removed"]
    assert (removed["path"], done.json["missing"]["error"]) == ("gone.txt", None)
    assert _paths(settings) == ["kept.txt", "linked.txt", "new.txt"]
    store = Store(settings)
    assert store.receipts.get(removed["receipt"]).body["document_id"] == removed["id"]
    store.close()


def _at_a_terminal(settings: Settings, *arguments: object, answer: bytes) -> str:
    """What a command says to somebody who answers its question."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    command = [str(ROOT / "archivar"), *map(str, arguments)]
    try:
        ran = subprocess.run(
            command, env=child_environment(settings), stdin=theirs, capture_output=True, text=True, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert ran.returncode == 0
    return ran.stdout


def test_a_folder_that_does_not_tell_removes_nothing(archivar: Archivar, settings: Settings, tmp_path: Path) -> None:
    folder = _folder(tmp_path, one="The one document.")
    assert archivar("add", folder, "--collection", "x").status == 0
    mirror = ("--collection", "x", "--remove-missing", "--json")

    (folder / "one.txt").rename(tmp_path / "one.txt")
    empty = archivar("add", folder, *mirror)
    absent = archivar("add", tmp_path / "absent", *mirror)
    _folder(tmp_path, other="Another document.")
    _too_deep(folder)
    unread = archivar("add", folder, *mirror)

    for ran in (empty, absent, unread):
        assert (ran.status, ran.json["missing"]["removed"]) == (1, [])
        assert ran.json["missing"]["error"]["code"] == "conflict"
    assert [row["error"] and row["error"]["code"] for row in unread.json["documents"]] == [None, "not_readable"]
    assert _paths(settings) == ["one.txt", "other.txt"]
    assert archivar("add", folder, folder, *mirror).status == 2


def _too_deep(folder: Path) -> None:
    """Folders within folders until their path is longer than any program may say: unreadable for root, too."""
    place = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=place)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    os.close(place)


def test_its_own_data_folder_is_left_out(archivar: Archivar, settings: Settings, tmp_path: Path) -> None:
    assert settings.data.is_relative_to(tmp_path)
    (tmp_path / "note.txt").write_text("A note beside the data folder.")

    added = archivar("add", tmp_path, "--collection", "x", "--json")

    assert [row["path"] for row in added.json["documents"]] == ["note.txt"]
    assert list((settings.data / "files").glob("??/*"))
    assert archivar("add", settings.data, "--collection", "x").status == 2
