"""Two ranked lists become one: the sum of their standardised scores."""

import math

import numpy as np
from numpy.typing import NDArray

from retrieval.index.protocol import Ids, Scores


def fuse(lists: list[tuple[Ids, Scores]], weights: list[float]) -> list[tuple[int, float]]:
    """Ids with their fused scores, best first.

    Each list's scores become z-scores of that list, so that neither scale rules; what a list does not name counts
    as its weakest entry.
    """
    totals: dict[int, float] = {}
    floor = 0.0
    for (ids, scores), weight in zip(lists, weights, strict=True):
        if len(ids) == 0:
            continue
        standard = weight * _standardised(scores)
        weakest = float(standard.min())
        floor += weakest
        for passage_id, score in zip(ids.tolist(), standard.tolist(), strict=True):
            totals[passage_id] = totals.get(passage_id, 0.0) + score - weakest
    return sorted(((i, score + floor) for i, score in totals.items()), key=lambda pair: (-pair[1], pair[0]))


def merged(first: tuple[Ids, Scores], second: tuple[Ids, Scores]) -> tuple[Ids, Scores]:
    """Two lists of one kind of score as one, best first; what both name stands in it once."""
    ids, places = np.unique(np.concatenate([first[0], second[0]]), return_index=True)
    scores = np.concatenate([first[1], second[1]])[places]
    order = np.lexsort((ids, -scores))
    return ids[order], scores[order]


def _standardised(scores: Scores) -> NDArray[np.float64]:
    wide = scores.astype(np.float64)
    wide -= wide.mean()
    spread = math.sqrt(float(wide @ wide) / len(wide))
    # Equal scores say nothing about the order.
    return wide / spread if spread > 1e-9 else np.zeros_like(wide)
