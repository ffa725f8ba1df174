"""Fusing lists: neither scale rules, agreement wins."""

import numpy as np

from retrieval.fusion import fuse, merged
from retrieval.index.protocol import Ids, Scores


def ranked(*pairs: tuple[int, float]) -> tuple[Ids, Scores]:
    return np.array([i for i, _ in pairs], np.int64), np.array([s for _, s in pairs], np.float32)


def order(fused: list[tuple[int, float]]) -> list[int]:
    return [i for i, _ in fused]


def test_what_both_lists_name_comes_first() -> None:
    dense = ranked((1, 0.9), (2, 0.88), (3, 0.2))
    keywords = ranked((4, 12.0), (2, 11.5), (5, 1.0))

    assert order(fuse([dense, keywords], [1.0, 1.0]))[0] == 2


def test_the_scale_of_a_list_does_not_matter() -> None:
    dense = ranked((1, 0.9), (2, 0.5), (3, 0.1))
    keywords = ranked((3, 30.0), (1, 10.0), (2, 5.0))
    stretched = keywords[0], keywords[1] * 1000

    assert order(fuse([dense, keywords], [1, 1])) == order(fuse([dense, stretched], [1, 1]))


def test_equal_scores_and_empty_lists_change_nothing() -> None:
    dense = ranked((1, 0.9), (2, 0.5))

    assert order(fuse([dense, ranked((7, 3.0), (8, 3.0)), ranked()], [1, 1, 1]))[0] == 1
    assert fuse([ranked(), ranked()], [1, 1]) == []


def test_a_weight_gives_a_list_more_to_say() -> None:
    dense = ranked((1, 0.9), (2, 0.1))
    keywords = ranked((2, 9.0), (1, 1.0))

    assert order(fuse([dense, keywords], [1, 2]))[0] == 2
    assert order(fuse([dense, keywords], [2, 1]))[0] == 1


def test_lists_of_one_kind_merge_without_doubles_best_first() -> None:
    everywhere = ranked((1, 0.9), (2, 0.5))
    there = ranked((2, 0.5), (3, 0.7))

    ids, scores = merged(everywhere, there)

    assert ids.tolist() == [1, 3, 2]
    assert np.allclose(scores, [0.9, 0.7, 0.5])
    assert [part.tolist() for part in merged(ranked(), ranked())] == [[], []]
