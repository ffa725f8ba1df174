"""Searches among many vectors: a first pass chooses rows, and what comes back is what a plain computation gives."""

from collections.abc import Iterable

import numpy as np
import pytest

from retrieval.index import snapshots
from retrieval.index.vectors import IndexedVersion, VectorIndex

DIMENSIONS = 384
DOCUMENTS, EACH = 60, 500
NEAREST = 10


def unit(rows: np.ndarray) -> np.ndarray:
    made: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return made


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Rows of documents that are each about something, in their order."""
    chance = np.random.default_rng(1)
    subjects = np.repeat(chance.normal(size=(DOCUMENTS, DIMENSIONS)), EACH, axis=0)
    return unit(subjects + chance.normal(size=subjects.shape)).astype("<f2")


@pytest.fixture
def index(rows: np.ndarray) -> VectorIndex:
    """An index of all rows, the passage of row n being n, with its first pass prepared."""
    made = VectorIndex()
    for number in range(DOCUMENTS):
        add(made, number, rows)
    sketch(made)
    return made


def add(index: VectorIndex, number: int, rows: np.ndarray) -> None:
    own = range(number * EACH, (number + 1) * EACH)
    index.add(IndexedVersion(f"d{number}", f"v{number}", f"c{number % 3}"), own, rows[own.start : own.stop].tobytes())


def sketch(index: VectorIndex) -> int:
    portions = 0
    while index.sketch():
        portions += 1
    return portions


def asked(rows: np.ndarray, number: int) -> np.ndarray:
    """Something near the rows of a document."""
    near = rows[number * EACH].astype(np.float32)
    return unit((near + np.random.default_rng(number).normal(size=DIMENSIONS) / 40)[None, :])


def exact(rows: np.ndarray, vector: np.ndarray, documents: Iterable[int]) -> list[int]:
    own = np.concatenate([np.arange(number * EACH, (number + 1) * EACH) for number in documents])
    scores = rows[own].astype(np.float32) @ vector[0]
    found: list[int] = own[np.argsort(-scores, kind="stable")][:NEAREST].tolist()
    return found


def test_the_nearest_are_found_with_their_exact_scores(index: VectorIndex, rows: np.ndarray) -> None:
    shared = 0
    for number in range(0, DOCUMENTS, 4):
        vector = asked(rows, number)
        found, scores = index.search(vector, NEAREST)
        shared += len(set(found.tolist()) & set(exact(rows, vector, range(DOCUMENTS))))
        assert scores == pytest.approx(rows[found].astype(np.float32) @ vector[0], abs=1e-3)
    assert shared >= 0.98 * NEAREST * DOCUMENTS / 4


def test_several_vectors_are_searched_as_one(index: VectorIndex, rows: np.ndarray) -> None:
    both = np.concatenate([asked(rows, 7), asked(rows, 41)])
    found = index.search(both, NEAREST)[0]
    wanted = {*exact(rows, both[:1], range(DOCUMENTS)), *exact(rows, both[1:], range(DOCUMENTS))}
    assert set(found.tolist()) <= wanted


def test_a_filter_holds_and_loses_nothing(index: VectorIndex, rows: np.ndarray) -> None:
    for number in (0, 1, 2, 29):
        vector = asked(rows, number)
        mine = [other for other in range(DOCUMENTS) if other % 3 in (1, 2)]
        found = index.search(vector, NEAREST, collections={"c1", "c2"})[0].tolist()
        assert found == exact(rows, vector, mine)
        # All that is near is forbidden.
        others = [other for other in range(DOCUMENTS) if other != number]
        without, scores = index.search(vector, NEAREST, documents={f"d{other}" for other in others})
        best = rows[exact(rows, vector, others)].astype(np.float32) @ vector[0]
        assert number not in without // EACH
        assert len(scores) == NEAREST and scores.sum() > 0.95 * best.sum()
        assert index.search(vector, NEAREST, documents={"d5"})[0].tolist() == exact(rows, vector, [5])


def test_what_comes_and_goes_later_is_found_and_gone(index: VectorIndex, rows: np.ndarray) -> None:
    index.remove("d7")
    assert index.search(asked(rows, 7), NEAREST)[0].tolist() == exact(
        rows, asked(rows, 7), [number for number in range(DOCUMENTS) if number != 7]
    )
    add(index, 7, rows)
    assert index.search(asked(rows, 7), NEAREST)[0].tolist() == exact(rows, asked(rows, 7), range(DOCUMENTS))


def test_compacting_begins_anew(index: VectorIndex, rows: np.ndarray) -> None:
    gone, kept = range(25), range(25, DOCUMENTS)
    for number in gone:
        index.remove(f"d{number}")
    for number in (3, 25, 40):
        assert index.search(asked(rows, number), NEAREST)[0].tolist() == exact(rows, asked(rows, number), kept)
    for number in gone:
        add(index, number, rows)
    assert sketch(index) > 0
    assert index.search(asked(rows, 3), NEAREST)[0].tolist() == exact(rows, asked(rows, 3), range(DOCUMENTS))


def test_few_vectors_have_no_first_pass(rows: np.ndarray) -> None:
    index = VectorIndex()
    add(index, 0, rows)
    assert sketch(index) == 0
    assert VectorIndex().sketch() is False


def test_a_snapshot_comes_back_and_is_sketched_again(
    index: VectorIndex, rows: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    snapshots.save(folder, index, 1, "test")
    loaded = snapshots.load(folder, "test")
    assert loaded is not None
    assert sketch(loaded[0]) == -(-DOCUMENTS * EACH // 1_024)
    vector = asked(rows, 11)
    assert loaded[0].search(vector, NEAREST)[0].tolist() == exact(rows, vector, range(DOCUMENTS))
