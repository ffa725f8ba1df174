"""Pages to passages: pieces of a page that are small enough for the embedder and end where the text pauses.

A passage is a span of its page's text, so `text == page.text[start:end]`. Every character other than white space
belongs to exactly one passage, unless nothing around it is a word.
"""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from core.places import joined, merged, shortened, spans
from core.values import Box, Page, ParsedDocument, PassageDraft, Place
from ingest.breaks import cut_points
from ingest.layout import union
from ingest.units import Unit, units_of

TokenSpans = Callable[[Sequence[str]], list[list[tuple[int, int]]]]

_WORD = re.compile(r"\w")
_TINY = 4  # a section under a quarter of a passage joins the one that follows
_TOKENISED_AT_ONCE = 400_000  # characters: many pages together keep the tokeniser's threads busy
_SLICES_AT_ONCE = 64
_MAX_SLICE = 50_000  # characters: no tokeniser gets more than that in one piece
_MAX_HEADING = 200


def split(document: ParsedDocument, token_spans: TokenSpans, passage_tokens: int) -> tuple[PassageDraft, ...]:
    """The document's passages in order, each at most `passage_tokens` tokens long.

    Passages end at headings and pages; long sections are cut into pieces of similar length where a paragraph, a
    sentence or a line ends; a row of a table stays whole. A tiny section goes together with its neighbour.
    """
    drafts: list[PassageDraft] = []
    heading = ""
    for page, starts in _with_token_starts(document.pages, token_spans):
        units = units_of(page, starts, passage_tokens, heading)
        for section in _sections(units, passage_tokens):
            drafts.extend(_passage(page, group) for group in _groups(section, passage_tokens))
        heading = units[-1].heading if units else heading
    return tuple(drafts)


def _with_token_starts(pages: Sequence[Page], token_spans: TokenSpans) -> Iterator[tuple[Page, "array[int]"]]:
    """Each page with the positions at which its tokens start, in order."""
    waiting: list[tuple[Page, list[tuple[int, str]]]] = []
    characters = 0
    for page in pages:
        waiting.append((page, list(_slices(page.text))))
        characters += len(page.text)
        if characters >= _TOKENISED_AT_ONCE:
            yield from _tokenised(waiting, token_spans)
            waiting, characters = [], 0
    yield from _tokenised(waiting, token_spans)


def _tokenised(
    pages: Sequence[tuple[Page, list[tuple[int, str]]]], token_spans: TokenSpans
) -> Iterator[tuple[Page, "array[int]"]]:
    starts = [array("Q") for _ in pages]
    slices = [(index, start, text) for index, (_, parts) in enumerate(pages) for start, text in parts]
    for first in range(0, len(slices), _SLICES_AT_ONCE):
        some = slices[first : first + _SLICES_AT_ONCE]
        for (index, offset, _), found in zip(some, token_spans([text for _, _, text in some]), strict=True):
            starts[index].extend(offset + start for start, end in found if end > start)
    yield from zip((page for page, _ in pages), starts, strict=True)


def _slices(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces that start at a line's or at least a word's start where there is one."""
    start = 0
    while start < len(text):
        end = start + _MAX_SLICE
        if end < len(text):
            end = max(text.rfind("\n", start, end), text.rfind(" ", end - _MAX_SLICE // 10, end), start) + 1
            end = end if end > start + 1 else start + _MAX_SLICE
        yield start, text[start:end]
        start = end


def _sections(units: Sequence[Unit], limit: int) -> Iterator[list[Unit]]:
    """Units from one heading to the next; tiny sections joined to the next, a tiny last one to the one before."""
    sections: list[list[Unit]] = []
    for unit in units:
        if not sections or (unit.opens and not _waits(sections[-1], limit)):
            sections.append([])
        sections[-1].append(unit)
    if len(sections) > 1 and _is_tiny(sections[-1], limit) and _tokens(sections[-2]) + _tokens(sections[-1]) <= limit:
        last = sections.pop()
        sections[-1].extend(last)
    yield from sections


def _waits(section: Sequence[Unit], limit: int) -> bool:
    return _is_tiny(section, limit) or all(unit.is_heading for unit in section)


def _is_tiny(section: Sequence[Unit], limit: int) -> bool:
    return _tokens(section) * _TINY < limit


def _tokens(units: Sequence[Unit]) -> int:
    return sum(unit.tokens for unit in units)


def _groups(section: Sequence[Unit], limit: int) -> list[list[Unit]]:
    """The section's units as passages; a piece without any word joins a neighbour if it fits, else it is left out."""
    cuts = cut_points([unit.tokens for unit in section], [unit.break_cost for unit in section], limit)
    groups = [list(section[start:end]) for start, end in zip([0, *cuts], [*cuts, len(section)], strict=True)]
    kept: list[list[Unit]] = []
    pending: list[Unit] = []
    for group in groups:
        if not any(unit.has_word for unit in group):
            pending += group
            continue
        if pending and _tokens(pending) + _tokens(group) <= limit:
            group = pending + group  # noqa: PLW2901 - the same passage, begun earlier
        elif pending and kept and _tokens(kept[-1]) + _tokens(pending) <= limit:
            kept[-1] = kept[-1] + pending
        pending = []
        kept.append(group)
    if pending and kept and _tokens(kept[-1]) + _tokens(pending) <= limit:
        kept[-1] = kept[-1] + pending
    return kept


def _passage(page: Page, units: Sequence[Unit]) -> PassageDraft:
    start, end = units[0].start, units[-1].end
    weight: Counter[str] = Counter()
    for unit in units:
        weight[unit.heading] += unit.tokens
    heading = weight.most_common(1)[0][0]
    boxes = _merged_boxes([box for unit in units for box in unit.boxes])
    places = [Place(unit.start - start, unit.end - start, joined(page.name, unit.place)) for unit in units]
    place = shortened(merged([(one.text, one.end - one.start) for one in places]))
    text, within = page.text[start:end], spans(places, place)
    heading = heading[:_MAX_HEADING]
    return PassageDraft(page.number, start, end, text, heading, boxes, place, within, page.confidence)


def _merged_boxes(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Boxes of lines that follow each other closely as one."""
    merged: list[Box] = []
    for box in boxes:
        if merged and _adjoins(merged[-1], box):
            merged[-1] = union(merged[-1], box)
        else:
            merged.append(box)
    return tuple(merged)


def _adjoins(above: Box, below: Box) -> bool:
    height = below.bottom - below.top
    overlaps = min(above.right, below.right) > max(above.left, below.left)
    return overlaps and -height <= below.top - above.bottom <= 1.5 * height
