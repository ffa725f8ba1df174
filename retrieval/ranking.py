"""The order of what both lists found: what they say, which document is meant, and where it prints what is asked for."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.values import Surroundings
from retrieval.places import Place, standing

# In standard deviations of a list: a document that is named by name and period, and a page where to look first.
_LEAD = 16.0
_PLACE = 4.0
# How well the tokens of a passage answer, in standard deviations among those that are looked at closely.
_CLOSE = 1.5
LOOKED_AT = 30
# How many passages are asked for the page on which they stand.
PLACED = 120


def led(
    fused: Sequence[tuple[int, float]], around: Mapping[int, Surroundings], leads: Mapping[str, float]
) -> list[tuple[int, float]]:
    """Passage ids with their scores: first those of the documents that the question names, the better named the sooner.

    What has no surroundings any more keeps its score.
    """
    return _ordered(
        (passage_id, score + (_LEAD * leads.get(around[passage_id].document_id, 0.0) if passage_id in around else 0.0))
        for passage_id, score in fused
    )


def placed(
    scored: Sequence[tuple[int, float]],
    around: Mapping[int, Surroundings],
    tops: Mapping[int, str],
    sought: Mapping[Place, float],
) -> list[tuple[int, float]]:
    """Passages on the pages that a question asks for come sooner; only those count of which `tops` knows the page."""
    return _ordered(
        (
            passage_id,
            score + _PLACE * standing(sought, around[passage_id].heading, tops[passage_id])
            if passage_id in around and passage_id in tops
            else score,
        )
        for passage_id, score in scored
    )


def _ordered(scored: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def looked_at(scored: Sequence[tuple[int, float]], answers: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Those with the best scores, in the order that how well each answers makes of it; the others after them."""
    spread = float(answers.std()) if len(answers) else 0.0
    if spread < 1e-9:
        return list(scored)
    gains = (_CLOSE * (answers - answers.mean()) / spread).tolist()
    front = [(passage_id, score + gain) for (passage_id, score), gain in zip(scored, gains, strict=False)]
    # Scores stay in order: the first of the others is no better than the last that was looked at.
    rest = scored[len(front) :]
    lift = max(0.0, rest[0][1] - min(score for _, score in front)) if rest else 0.0
    front = [(passage_id, score + lift) for passage_id, score in front]
    return [*_ordered(front), *rest]
