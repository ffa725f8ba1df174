"""The order of what both lists found: what they say, which document is meant, and where it prints what is asked for."""

from collections.abc import Mapping, Sequence

from core.values import Surroundings
from retrieval.places import Place, standing

# In standard deviations of a list: a document that is named by name and period, and a page where to look first.
_LEAD = 16.0
_PLACE = 4.0


def ranked(
    fused: Sequence[tuple[int, float]],
    around: Mapping[int, Surroundings],
    leads: Mapping[str, float],
    sought: Mapping[Place, float],
) -> list[tuple[int, float]]:
    """Passage ids with their scores, best first.

    Passages of the documents that the question names come first, the better named the sooner; among them those on the
    pages that it asks for. What has no surroundings any more keeps its score.
    """

    def bonus(passage_id: int) -> float:
        here = around.get(passage_id)
        if here is None:
            return 0.0
        place = standing(sought, here.heading, here.top) if sought else 0.0
        return _LEAD * leads.get(here.document_id, 0.0) + _PLACE * place

    scored = [(passage_id, score + bonus(passage_id)) for passage_id, score in fused]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))
