"""Parts of a page that is a whole document, so that no browser gets all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.values import Page, Passage

_PASSAGES = 150  # of a part; printed pages have fewer, so they are never taken apart


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` of `count`; the passages' places are counted within its text."""

    number: int
    count: int
    text: str
    passages: tuple[Passage, ...]


def part_of(page: Page, passages: Sequence[Passage], *, number: int = 1, passage_id: int | None = None) -> Part:
    """The part with this passage, else the part of this number, the last one where there are fewer."""
    count = max(1, -(-len(passages) // _PASSAGES))
    places = [place for place, passage in enumerate(passages) if passage.id == passage_id]
    chosen = places[0] // _PASSAGES if places else min(max(number, 1), count) - 1
    first, last = chosen * _PASSAGES, (chosen + 1) * _PASSAGES
    start = passages[first].start if chosen else 0
    end = passages[last].start if last < len(passages) else len(page.text)
    own = tuple(replace(one, start=one.start - start, end=one.end - start) for one in passages[first:last])
    return Part(chosen + 1, count, page.text[start:end], own)
