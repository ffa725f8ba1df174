"""What a search found before it became hits, and the explanation that can be made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.values import Hit, HitScores, Passage
from retrieval.index.protocol import Candidates, Ids, Scores
from retrieval.index.terms import folded

_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passage ids with their scores, best first, and what these were made from.

    `leads` are the documents that the query names, with how well; `wording` is what was searched for by words.
    """

    ranked: list[tuple[int, float]]
    candidates: Candidates
    leads: Mapping[str, float]
    wording: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words that were searched, each once, folded as the index folds them."""
        return tuple(dict.fromkeys(folded(self.wording).split()))[:_MOST_WORDS]

    def explained(self, hits: Iterable[Hit]) -> tuple[Hit, ...]:
        """The hits with where their scores come from."""
        dense, keywords = _by_id(self.candidates.dense), _by_id(self.candidates.keywords)

        def scores(passage: Passage) -> HitScores:
            card = self.leads.get(passage.document_id, 0.0)
            return HitScores(dense.get(passage.id), keywords.get(passage.id), card)

        return tuple(replace(hit, scores=scores(hit.passage)) for hit in hits)


def _by_id(found: tuple[Ids, Scores]) -> dict[int, float]:
    return dict(zip(found[0].tolist(), found[1].tolist(), strict=True))
