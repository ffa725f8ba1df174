"""One summary of many documents from their own: every document has its share, and nothing is said twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.summaries import Statement, Summary
from core.values import Citation, Verdict
from llm.summaries.repeats import Said
from llm.summaries.sentences import folded
from retrieval.embedders.protocol import Vectors

_WORTH = {Verdict.SUPPORTED: 0.0, Verdict.PARTLY: -0.3, Verdict.UNSUPPORTED: -1.0}


@dataclass
class Part:
    """A document's summary under the name that its statements stand under, with their vectors where there are any."""

    name: str
    summary: Summary
    vectors: Vectors | None = None
    taken: set[int] = field(default_factory=set)

    def best(self) -> int | None:
        """The number of the best statement that is left: well supported, and in the middle of what the part says."""
        left = [n for n in range(len(self.summary.statements)) if n not in self.taken]
        if not left:
            return None
        central = np.zeros(len(self.summary.statements))
        if self.vectors is not None:
            central = self.vectors @ self.vectors.mean(axis=0)
        return max(left, key=lambda n: (_WORTH[self.summary.statements[n].verdict] + central[n], -n))


@dataclass(frozen=True, slots=True)
class Taken:
    """A statement of a part, and the citations that it has there and wherever else it is said word for word."""

    part: int
    number: int
    statement: Statement
    citations: list[Citation]


def merged(parts: Sequence[Part], count: int) -> list[Taken]:
    """About `count` statements, at least one of each part that has something of its own; ordered by parts."""
    # What two documents say alike of different figures is not the same.
    said = Said(figures=True)
    found: list[Taken] = []
    while True:
        before = len(found)
        for number, part in enumerate(parts):
            if len(found) >= count and (part.taken or not part.summary.statements):
                continue
            taken = _next(number, part, said, found)
            if taken is not None:
                found.append(taken)
        if len(found) == before or len(found) >= count:
            return sorted(found, key=lambda one: (one.part, one.number))


def _next(number: int, part: Part, said: Said, kept: Sequence[Taken]) -> Taken | None:
    """The next statement of a part that says something new; those that do not give it their citations."""
    while (best := part.best()) is not None:
        part.taken.add(best)
        statement = part.summary.statements[best]
        citations = [one for one in part.summary.citations if one.n in statement.citations]
        vector = part.vectors[best] if part.vectors is not None else None
        known = said.repeats(statement.text, vector)
        if known is None:
            said.add(statement.text, vector)
            return Taken(number, best, statement, list(citations))
        if folded(kept[known].statement.text) == folded(statement.text):
            kept[known].citations.extend(citations)
    return None
