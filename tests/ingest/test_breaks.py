"""Cuts are where they cost least."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.breaks import cut_points


def test_what_fits_is_not_cut() -> None:
    assert cut_points([50, 50], [0.0, 0.0], 100) == []


def test_pieces_are_of_similar_length() -> None:
    assert cut_points([10] * 21, [0.0] * 21, 200) in ([10], [11])


def test_cuts_prefer_pauses() -> None:
    costs = [0.3] * 20
    costs[7] = 0.0

    assert cut_points([10] * 20, costs, 150) == [8]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(20, 100))
def test_no_piece_is_too_long(sizes: list[int], limit: int) -> None:
    borders = [0, *cut_points(sizes, [0.0] * len(sizes), limit), len(sizes)]

    assert all(start < end for start, end in pairwise(borders))
    assert all(sum(sizes[start:end]) <= limit or end == start + 1 for start, end in pairwise(borders))
