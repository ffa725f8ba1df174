"""Snapshots: what comes back is what was saved, or nothing at all."""

import random
from pathlib import Path

import numpy as np
import pytest

from retrieval.index import snapshots
from retrieval.index.vectors import VectorIndex
from tests.retrieval.index.test_vectors import add, unit_rows

EMBEDDER = "test"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = VectorIndex()
    for number in range(5):
        add(index, f"d{number}", unit_rows(20, number), 100 * number, f"c{number % 2}")
    index.remove("d2")
    snapshots.save(tmp_path / "vectors", index, 7, EMBEDDER)
    return tmp_path / "vectors"


def newest(folder: Path) -> Path:
    return sorted(folder.iterdir())[-1]


def test_a_snapshot_comes_back(folder: Path) -> None:
    loaded = snapshots.load(folder, EMBEDDER)

    assert loaded is not None
    index, sequence = loaded
    assert (sequence, len(index), index.documents) == (7, 80, frozenset({"d0", "d1", "d3", "d4"}))
    row = unit_rows(20, 3)[4:5].astype(np.float32)
    assert index.search(row, 1, {"c1"})[0].tolist() == [304]
    assert snapshots.faults(folder) == []


def test_an_empty_index_can_be_saved(tmp_path: Path) -> None:
    snapshots.save(tmp_path, VectorIndex(), 3, EMBEDDER)

    loaded = snapshots.load(tmp_path, EMBEDDER)
    assert loaded is not None
    assert (len(loaded[0]), loaded[1]) == (0, 3)


def test_another_embedder_gets_nothing(folder: Path) -> None:
    assert snapshots.load(folder, "other") is None


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_goes_unnoticed(folder: Path, seed: int) -> None:
    choose = random.Random(seed)
    path = choose.choice(sorted(newest(folder).iterdir()))
    data = bytearray(path.read_bytes())
    if seed % 4 == 0:
        data = data[: choose.randrange(len(data))]
    else:
        place = choose.randrange(len(data))
        data[place] ^= 1 << choose.randrange(8)
    path.write_bytes(data)

    assert snapshots.load(folder, EMBEDDER) is None
    assert len(snapshots.faults(folder)) == 1


@pytest.mark.parametrize("name", ["passages.npy", "slots.npy", "versions.json", "vectors.faiss", "manifest.json"])
def test_a_missing_or_foreign_file_is_noticed(folder: Path, name: str) -> None:
    (newest(folder) / name).unlink()
    assert snapshots.load(folder, EMBEDDER) is None


def test_a_planted_file_is_noticed(folder: Path) -> None:
    (newest(folder) / "docstore.pkl").write_bytes(b"cos\nsystem\n")
    assert snapshots.load(folder, EMBEDDER) is None


def test_the_one_before_serves_when_the_newest_is_damaged(folder: Path) -> None:
    index = VectorIndex()
    add(index, "new", unit_rows(3, 1), 0)
    snapshots.save(folder, index, 9, EMBEDDER)
    (newest(folder) / "vectors.faiss").write_bytes(b"")

    loaded = snapshots.load(folder, EMBEDDER)

    assert loaded is not None
    assert loaded[1] == 7


def test_two_are_kept_and_a_half_written_one_goes(folder: Path) -> None:
    (folder / "new-cut-off").mkdir()
    for sequence in (8, 9, 10):
        snapshots.save(folder, VectorIndex(), sequence, EMBEDDER)

    assert [int(path.name.split("-")[0]) for path in sorted(folder.iterdir())] == [9, 10]
