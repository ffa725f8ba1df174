"""The vector index against a plain computation of the same thing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import EmbedderChanged
from retrieval.index.vectors import IndexedVersion, VectorIndex

DIMENSIONS = 8


def unit_rows(count: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS))
    made: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2")
    return made


def add(index: VectorIndex, document: str, rows: np.ndarray, first: int, collection: str = "c") -> list[int]:
    ids = list(range(first, first + len(rows)))
    index.add(IndexedVersion(document, f"{document}-v", collection), ids, rows.tobytes())
    return ids


_steps = st.lists(
    st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=30
)


@given(steps=_steps, collections=st.none() | st.frozensets(st.sampled_from(["c0", "c1"])))
def test_any_history_finds_what_a_plain_list_finds(
    steps: list[tuple[str, int, int]], collections: frozenset[str] | None
) -> None:
    index = VectorIndex()
    expected: dict[str, list[tuple[int, np.ndarray]]] = {}
    for number, (step, which, count) in enumerate(steps):
        document = f"d{which}"
        if step == "add":
            rows = unit_rows(count, number)
            ids = add(index, document, rows, 100 * number, f"c{which % 2}")
            expected[document] = list(zip(ids, rows, strict=True))
        else:
            index.remove(document)
            expected.pop(document, None)
    query = unit_rows(1, 999).astype(np.float32)
    allowed = [
        (float(row.astype(np.float32) @ query[0]), i)
        for document, rows_of in expected.items()
        if collections is None or f"c{int(document[1:]) % 2}" in collections
        for i, row in rows_of
    ]

    ids_found, scores = index.search(query, 5, collections)

    assert len(index) == sum(map(len, expected.values()))
    assert ids_found.tolist() == [i for _, i in sorted(allowed, reverse=True)[:5]]
    assert np.allclose(scores, [score for score, _ in sorted(allowed, reverse=True)[:5]], atol=1e-3)


def test_documents_narrow_a_search() -> None:
    index = VectorIndex()
    add(index, "a", unit_rows(3, 1), 10)
    wanted = add(index, "b", unit_rows(3, 2), 20)

    found, _ = index.search(unit_rows(1, 3).astype(np.float32), 10, None, {"b"})

    assert sorted(found.tolist()) == wanted


def test_a_passage_counts_with_the_nearest_of_several_vectors() -> None:
    index = VectorIndex()
    rows = unit_rows(4, 1)
    ids = add(index, "a", rows, 10)

    found, scores = index.search(rows[[3, 1]].astype(np.float32), 2)

    assert sorted(found.tolist()) == [ids[1], ids[3]]
    assert np.allclose(scores, 1.0, atol=1e-2)


def test_removed_rows_are_given_back() -> None:
    index = VectorIndex()
    for number in range(60):
        add(index, "a", unit_rows(500, number), 1000 * number)

    assert len(index) == 500
    found, _ = index.search(unit_rows(1, 3).astype(np.float32), 10)
    assert all(i >= 59_000 for i in found.tolist())


def test_a_search_finds_nothing_once_a_large_library_is_deleted() -> None:
    index = VectorIndex()
    add(index, "all of it", unit_rows(10_001, 1), 0)
    query = unit_rows(1, 2).astype(np.float32)
    assert len(index.search(query, 5)[0]) == 5
    index.remove("all of it")

    for among in (None, {"all of it"}):
        assert index.search(query, 5, None, among)[0].tolist() == []


def test_another_dimension_is_refused() -> None:
    index = VectorIndex()
    add(index, "a", unit_rows(2, 1), 0)

    with pytest.raises(ValueError, match="another dimension"):
        index.add(IndexedVersion("b", "v", "c"), [9], np.zeros(4, "<f2").tobytes())


def test_questions_of_another_length_are_refused_and_none_find_nothing() -> None:
    index = VectorIndex()
    add(index, "d", unit_rows(3, 1), 0)

    assert index.search(np.empty((0, 0), np.float32), 5)[0].tolist() == []
    with pytest.raises(EmbedderChanged, match="reindex"):
        index.search(np.ones((1, 3), np.float32), 5)
