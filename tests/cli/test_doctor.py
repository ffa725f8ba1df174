"""`archivar doctor` finds what does not belong together, and mends it."""

import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.settings import Settings
from core.storage import tables as t
from core.storage.store import Store
from retrieval.index.opening import open_indexer
from tests import factories
from tests.cli.conftest import Archivar
from tests.milvus_server import MilvusServer
from workers.ingest_tasks import IngestWorker


@pytest.fixture
def sound(settings: Settings, store: Store) -> Store:
    """A store with two documents that are read and indexed."""
    worker = IngestWorker(settings, store)
    for number in (1, 2):
        factories.upload(store, f"{number}.txt", f"Document number {number}.".encode())
        worker.run()
    worker.close()
    indexer = open_indexer(settings, store)
    assert indexer.try_own()
    indexer.catch_up()
    indexer.close()
    return store


def kinds(archivar: Archivar, *options: str) -> tuple[int, list[str], list[str]]:
    ran = archivar("doctor", "--json", *options)
    found = ran.json
    return ran.status, [p["kind"] for p in found["problems"]], [p["kind"] for p in found["repaired"]]


def test_all_is_well(archivar: Archivar, sound: Store) -> None:
    ran = archivar("doctor", "--json")

    assert ran.status == 0
    assert ran.json["ok"]
    assert set(ran.json["totals"].values()) == {2}
    assert "All is well." in archivar("doctor").stdout


def test_an_empty_folder_is_well(archivar: Archivar) -> None:
    assert archivar("doctor", "--json").status == 0


def test_what_can_be_mended_is(archivar: Archivar, sound: Store, settings: Settings) -> None:
    first, second = sound.documents.page(factories.collection_id(sound))
    orphan = sound.files.path("0" * 64)
    orphan.parent.mkdir()
    orphan.touch()
    leftover = settings.files_dir / "incoming" / "left"
    leftover.touch()
    os.utime(leftover, (0, time.time() - 7200))
    with sound.database.write() as connection:
        connection.execute(sa.delete(t.passages).where(t.passages.c.version_id == first.version_id))
        connection.execute(sa.delete(t.vectors).where(t.vectors.c.version_id == second.version_id))
    for path in (settings.index_dir / "keywords").glob("index-*/*.store"):
        path.unlink()
    everything = ["index", "leftover", "miscounted", "miscounted", "orphan_file"]

    status, problems, _ = kinds(archivar)
    assert (status, sorted(problems)) == (1, everything)

    status, problems, repaired = kinds(archivar, "--repair")
    assert (status, problems, sorted(repaired)) == (0, [], everything)
    assert len(archivar("search", "document number", "--json").json["hits"]) == 2


def test_a_lost_or_damaged_file_needs_its_bytes_again(archivar: Archivar, sound: Store) -> None:
    first, second = sound.documents.page(factories.collection_id(sound))
    sound.files.remove(first.sha256)
    sound.files.path(second.sha256).write_bytes(b"other bytes")

    status, problems, _ = kinds(archivar)
    assert (status, sorted(problems)) == (1, ["damaged_file", "missing_file"])
    told = archivar("doctor").stdout
    assert "1.txt" in told and "2.txt" in told
    status, problems, _ = kinds(archivar, "--repair")
    assert (status, problems) == (1, ["missing_file", "missing_file"])

    for number in (1, 2):
        factories.upload(sound, f"{number}.txt", f"Document number {number}.".encode())
    assert kinds(archivar) == (0, [], [])


@pytest.mark.parametrize("settings", ["milvus"], indirect=True)
def test_documents_are_added_while_the_index_server_is_away(
    archivar: Archivar, milvus_server: MilvusServer, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("The tenant pays rent.")
    milvus_server.stop()

    added = archivar("add", tmp_path / "a.txt", "--collection", "Contracts", "--json")
    assert (added.status, added.json["documents"][0]["status"]) == (0, "ready")
    assert "The index server does not answer" in added.stderr
    searched = archivar("search", "rent", "--json")
    assert searched.status == 1
    assert "The index server does not answer" in searched.stderr

    milvus_server.start()
    repaired = archivar("doctor", "--repair", "--json").json
    assert (repaired["ok"], [problem["kind"] for problem in repaired["repaired"]]) == (True, ["index"])
    totals = repaired["totals"]
    assert (totals["passages"], totals["vectors"], totals["keywords"]) == (1, 1, 1)
    assert len(archivar("search", "rent", "--json").json["hits"]) == 1
