"""`archivar add`, from files to rows."""

import signal
import subprocess
from pathlib import Path

import pytest

from core.settings import ROOT, Settings, child_environment
from core.storage.store import Store
from tests.cli.conftest import Archivar
from tests.processes import alive, descendants, eventually, printed_by
from tests.workers.texts import text

ROW = {"id", "path", "filename", "status", "change", "pages", "passages", "warnings", "error"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two documents of one name, one that cannot be read, and things that are left out."""
    root = tmp_path / "folder"
    for year in (2021, 2022):
        (root / str(year)).mkdir(parents=True)
        (root / str(year) / "report.txt").write_text(f"The revenue of {year} was {year + 7} million euros.")
    (root / "broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    (root / ".hidden.txt").write_text("hidden")
    return root


def test_a_folder(archivar: Archivar, folder: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pdf"

    first = archivar("add", missing, folder, "--collection", "Reports", "--json")

    assert first.status == 1
    rows = first.json["documents"]
    assert all(set(row) == ROW for row in rows)
    assert [(row["path"], row["status"], row["change"]) for row in rows] == [
        (str(missing), "failed", None),
        ("broken.pdf", "failed", "added"),
        ("2021/report.txt", "ready", "added"),
        ("2022/report.txt", "ready", "added"),
    ]
    assert [row["error"] and row["error"]["code"] for row in rows] == ["not_found", "corrupt", None, None]
    assert all(row["pages"] == 1 and row["passages"] == 1 for row in rows[2:])

    (folder / "broken.pdf").unlink()
    (folder / "2022" / "report.txt").write_text("The revenue of 2022 was restated.")
    second = archivar("add", folder, "--collection", " reports", "--json")

    assert second.status == 0
    assert [(row["path"], row["change"]) for row in second.json["documents"]] == [
        ("2021/report.txt", "unchanged"),
        ("2022/report.txt", "new_version"),
    ]
    assert [row["id"] for row in second.json["documents"]] == [row["id"] for row in rows[2:]]

    hits = archivar("search", "revenue restated", "--collection", "Reports", "--json").json["hits"]
    assert hits[0]["text"] == "The revenue of 2022 was restated."
    assert len(hits) == 2


def test_files_of_one_name_do_not_replace_each_other(archivar: Archivar, folder: Path) -> None:
    both = [folder / "2021" / "report.txt", folder / "2022" / "report.txt"]

    added = archivar("add", *both, "--collection", "x", "--json")

    assert added.status == 1
    assert [row["error"] and row["error"]["code"] for row in added.json["documents"]] == [None, "conflict"]
    beside = archivar("add", both[1], "--collection", "x", "--on-conflict", "keep-both", "--json")
    assert beside.status == 0
    (row,) = beside.json["documents"]
    assert (row["path"], row["change"]) == ("report (2).txt", "added")


def test_bad_usage(archivar: Archivar, folder: Path) -> None:
    assert archivar("add", folder).status == 2
    assert archivar("add", "--collection", "x").status == 2
    unnamed = archivar("add", folder, "--collection", " ", "--json")
    assert (unnamed.status, unnamed.json["error"]["code"]) == (2, "invalid_request")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_gives_back_what_it_was_reading(
    settings: Settings, store: Store, tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "long.txt"
    file.write_bytes(text(6000))
    adding = subprocess.Popen(
        [str(ROOT / "archivar"), "add", str(file), "--collection", "x", "--json"],
        env=child_environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: _stages(store) == ["embedding"], 60)
    below = descendants(adding.pid)
    assert below

    adding.send_signal(number)

    output, _ = adding.communicate()
    assert (adding.returncode, output) == (130, b"")
    assert [pid for pid in below if alive(pid)] == []
    assert len(store.jobs.waiting("ingest")) == 1


def _stages(store: Store) -> list[str]:
    collections = store.collections.page(store.collections.ids())
    return [document.progress.stage for one in collections for document in store.documents.page(one.id)]


def test_nothing_heavy_is_loaded_when_nothing_has_changed(archivar: Archivar, settings: Settings, folder: Path) -> None:
    added = archivar("add", folder, "--collection", "x")
    assert added.status == 1
    assert "ready, added: 2021/report.txt: 1 page, 1 passage" in added.stdout
    assert "failed: broken.pdf:" in added.stdout
    (folder / "broken.pdf").unlink()
    arguments = ["add", str(folder), "--collection", "x", "--json"]
    program = (
        "import sys; from cli.main import main; "
        f"status = main({arguments!r}); "
        "heavy = {'openvino', 'faiss', 'tantivy', 'torch', 'celery', 'ingest.children'} & set(sys.modules); "
        "sys.exit(status or f'loaded {heavy}' if heavy else status)"
    )

    printed_by(program, settings)
