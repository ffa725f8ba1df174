"""Numbers for what sentences rest on: each quote is one citation, counted from 1 in the order of first mention."""

from collections.abc import Sequence

from core.places import place_of_quote
from core.values import Citation, Verdict
from llm.checking import Checked
from llm.writers import Source


def number_of(source: Source, citations: Sequence[Citation]) -> int | None:
    """The number of the citation that quotes this; None where there is none yet."""
    for citation in citations:
        if citation.passage_id == source.passage.id and citation.quote == source.quote:
            return citation.n
    return None


def citation(number: int, source: Source) -> Citation:
    """The citation of a source."""
    passage = source.passage
    return Citation(
        number,
        passage.document_id,
        passage.filename,
        passage.page,
        passage.id,
        source.quote,
        place_of_quote(passage, source.quote),
        passage.confidence,
        passage.version,
        passage.superseded,
        passage.current_version,
    )


def numbered(checked: Checked, citations: Sequence[Citation]) -> tuple[tuple[int, ...], list[Citation]]:
    """The numbers of the citations of a sentence, and those that it is the first to use."""
    numbers: list[int] = []
    new: list[Citation] = []
    for source in checked.sources:
        cited = [*citations, *new]
        number = number_of(source, cited)
        if number is None and checked.verdict is Verdict.UNSUPPORTED:
            # What supports nothing is named, and not quoted once more.
            number = next((one.n for one in cited if one.passage_id == source.passage.id), None)
        if number is None:
            number = len(cited) + 1
            new.append(citation(number, source))
        if number not in numbers:
            numbers.append(number)
    return tuple(numbers), new
