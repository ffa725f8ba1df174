"""The units that passages are made of: lines, the sentences within them, or parts of lines that are too long."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.places import WITHIN
from core.table_rows import BETWEEN
from core.values import Box, Line, Page

_WORD = re.compile(r"\w")
_GAP_LINE = re.compile(r"\S[^\n\f]*")
# A sentence ends after a word of three letters or more, or a closing bracket or figure: abbreviations are shorter.
_SENTENCE_END = re.compile(r"(?:[^\W\d_]{3}|[\d)\]%])[.!?][\"”’»)\]]*(?=\s+[\"“‘«(\[]?[A-ZÀ-ÖØ-ÞĀ-Ž])")
_ENDS_SENTENCE = re.compile(r"[.!?:;][\"”’»)\]]*$")
_FIGURE = re.compile(r"(?<!\S)[($€£–—-]*\d[\d.,]*[)%]*(?!\S)")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")

_HEADER_LINES, _HEADER_WORDS = 3, 6

# Prices of a passage ending there, against 1 for a passage of no length at all.
_AT_PARAGRAPH, _AT_SENTENCE, _AT_ROW, _AT_LINE, _WITHIN = 0.0, 0.04, 0.04, 0.25, 1.0


@dataclass(frozen=True, slots=True)
class Unit:
    """A span of a page's text that stays whole."""

    start: int
    end: int
    tokens: int
    heading: str  # what it stands under, `title › heading`; a heading stands under itself
    is_heading: bool
    opens: bool  # starts a section
    has_word: bool
    break_cost: float  # price of ending a passage after it
    boxes: tuple[Box, ...]
    place: str  # where its line stands within the page


def units_of(page: Page, token_starts: Sequence[int], limit: int, heading: str) -> list[Unit]:
    """The page's units in order; `heading` is the one above the page, `token_starts` where its tokens start."""
    lines = list(_all_lines(page))
    headings = _headings_in_force(page.text, lines, heading)
    units = []
    for index, line in enumerate(lines):
        following = lines[index + 1].start if index + 1 < len(lines) else len(page.text)
        opens = line.heading and (index == 0 or not lines[index - 1].heading)
        after = _cost_after(page.text, line, following)
        for start, end, inner in _parts(page.text, line, token_starts, limit):
            last = end == line.end
            units.append(
                Unit(
                    start,
                    end,
                    _count(token_starts, start, end),
                    headings[index],
                    line.heading,
                    opens and start == line.start,
                    _WORD.search(page.text, start, end) is not None,
                    after if last else inner,
                    (line.box,) if line.box is not None else (),
                    line.place,
                )
            )
    return units


def _all_lines(page: Page) -> Iterator[Line]:
    """The page's lines without surrounding white space, and lines for whatever a parser left between them."""
    position = 0
    for line in sorted(page.lines, key=lambda line: line.start):
        yield from _bare_lines(page.text, position, line.start)
        start = max(line.start, position)
        text = page.text[start : line.end]
        if text.strip():
            lead = len(text) - len(text.lstrip())
            yield Line(start + lead, start + len(text.rstrip()), line.box, line.heading, line.place)
        position = max(position, line.end)
    yield from _bare_lines(page.text, position, len(page.text))


def _bare_lines(text: str, start: int, end: int) -> Iterator[Line]:
    for match in _GAP_LINE.finditer(text, start, end):
        yield Line(match.start(), match.start() + len(match.group().rstrip()))


def _headings_in_force(text: str, lines: Sequence[Line], heading: str) -> list[str]:
    """For each line what it stands under: the page's title where it has one, and the nearest heading above.

    Headings that follow each other are read as one.
    """
    in_force = []
    title = ""
    run: list[int] = []
    for index, line in enumerate(lines):
        if line.heading:
            run.append(index)
            nearest = _joined(text, lines, run)
            heading = _path(text, line) or (f"{title}{WITHIN}{nearest}" if title else nearest)
        elif run:
            title = title or (heading if _at_top(text, lines[: run[0]]) else "")
            run = []
        in_force.append(heading)
    return in_force


def _path(text: str, line: Line) -> str:
    """Where a heading says by itself what it stands under, all of that."""
    last = line.place.rpartition(WITHIN)[2]
    return line.place if last and text.startswith(last, line.start) else ""


def _at_top(text: str, above: Sequence[Line]) -> bool:
    """Whether nothing but a running header, in a few short lines, stands above a heading."""
    return len(above) <= _HEADER_LINES and all(
        len(text[line.start : line.end].split()) <= _HEADER_WORDS for line in above
    )


def _joined(text: str, lines: Sequence[Line], run: Sequence[int]) -> str:
    return " ".join(text[lines[index].start : lines[index].end].lstrip("# ") for index in run)


def _cost_after(text: str, line: Line, following: int) -> float:
    if line.heading:
        return _WITHIN  # a heading stays with what it titles
    if _EMPTY_LINE.search(text, line.end, following):
        return _AT_PARAGRAPH
    content = text[line.start : line.end]
    if _ENDS_SENTENCE.search(content):
        return _AT_SENTENCE
    return _AT_ROW if _is_row(content) else _AT_LINE


def _is_row(content: str) -> bool:
    """Whether the line reads as a row of a table: it ends with a figure and has two of them, or has cells."""
    if BETWEEN in content:
        return True
    figures = [match.end() for match in _FIGURE.finditer(content)]
    return len(figures) >= 2 and figures[-1] == len(content)


def _parts(text: str, line: Line, token_starts: Sequence[int], limit: int) -> Iterator[tuple[int, int, float]]:
    """Sentences of the line, cut further where they are too long; each with the price of a break after it."""
    ends = [line.end]
    if not line.heading and not _is_row(text[line.start : line.end]):
        ends = [match.end() for match in _SENTENCE_END.finditer(text, line.start, line.end)] + ends
    start = line.start
    for end in ends:
        while text[start].isspace():
            start += 1
        yield from _pieces(text, (start, end), token_starts, limit)
        start = end


def _pieces(
    text: str, span: tuple[int, int], token_starts: Sequence[int], limit: int
) -> Iterator[tuple[int, int, float]]:
    start, end = span
    while _count(token_starts, start, end) > limit:
        cut = _cut(text, start, end, token_starts, limit)
        yield start, start + len(text[start:cut].rstrip()), _WITHIN
        start = cut
    yield start, end, _AT_SENTENCE


def _cut(text: str, start: int, end: int, token_starts: Sequence[int], limit: int) -> int:
    """The last token border, if possible between words, that leaves at most `limit` tokens before it."""
    first = bisect_left(token_starts, start)
    border = token_starts[first + limit]
    for position in range(first + limit, first + limit // 2, -1):
        if text[token_starts[position] - 1].isspace():
            return token_starts[position]
    return border


def _count(token_starts: Sequence[int], start: int, end: int) -> int:
    return bisect_left(token_starts, end) - bisect_left(token_starts, start)
