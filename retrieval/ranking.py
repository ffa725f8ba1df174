"""The order of what both lists found: what they say, which document is meant, and where it prints what is asked for."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.values import Surroundings
from retrieval.places import Place, standing

# In standard deviations of a list: a document that is named by name and period, and a page where to look first.
_LEAD = 16.0
_PLACE = 4.0
# Of cosines against BM25: meaning settles what words leave open. The second is for a language that the model does not
# know; so it is with the tokens of a passage, in standard deviations among those that are looked at closely.
_MEANING, _MEANING_UNKNOWN = 0.5, 0.15
_CLOSE, _CLOSE_UNKNOWN = 1.5, 0.5
# What stands close together tells most, but only where the model knows hardly fewer than all words: hence the power.
_TOGETHER, _KNOWN_BY_FAR = 3.0, 4
LOOKED_AT = 30
# Scores that differ by less say nothing about the order.
_EQUAL = 1e-9
# How many passages are asked for the page on which they stand.
PLACED = 120


def weights(known: float) -> list[float]:
    """What cosines and BM25 count where the embedding model knows the language of the question so well (0 to 1)."""
    return [_between(_MEANING_UNKNOWN, _MEANING, known), 1.0]


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


def looked_at(
    scored: Sequence[tuple[int, float]], answers: NDArray[np.float64], known: float
) -> list[tuple[int, float]]:
    """Those with the best scores, in the order that how well each answers makes of it; the others after them.

    `answers` is of shape (passages, 2), as `late.interaction` gives it. How well a passage answers counts the less the
    less the model knows the language (`known`, 0 to 1).
    """
    if not len(answers) or (spread := answers.std(axis=0)).max() < _EQUAL:
        return list(scored)
    counts = np.array([_between(_CLOSE_UNKNOWN, _CLOSE, known), _TOGETHER * known**_KNOWN_BY_FAR])
    gains = ((answers - answers.mean(axis=0)) / np.maximum(spread, _EQUAL) @ counts).tolist()
    front = [(passage_id, score + gain) for (passage_id, score), gain in zip(scored, gains, strict=False)]
    # Scores stay in order: the first of the others is no better than the last that was looked at.
    rest = scored[len(front) :]
    lift = max(0.0, rest[0][1] - min(score for _, score in front)) if rest else 0.0
    front = [(passage_id, score + lift) for passage_id, score in front]
    return [*_ordered(front), *rest]


def _between(lowest: float, highest: float, share: float) -> float:
    return lowest + (highest - lowest) * share
