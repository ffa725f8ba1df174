"""From the fragments of text that a page consists of to its lines and its text.

Fragments on one baseline become one line, so that a row of a table reads as a row; words broken at a line end are
made whole; paragraphs are set apart by an empty line. Knows nothing of PDF.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from core.values import Box, Line, Page
from ingest.headings import could_title, folded, is_capitals, is_numbered

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONE_LETTER = re.compile(r"([^\W\d_]{3,}) ([a-z])$")
_SAME_LINE = 0.5  # of the smaller height has to overlap
_MOST_HEADINGS = 3  # one after the other
_PARAGRAPH_GAP = 0.55  # of a line's height between two lines


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of clean text as it stands on a page; `broken` when it ends inside a word that goes on in the next."""

    text: str
    box: Box
    size: float = 0.0
    bold: bool = False
    upright: bool = True
    broken: bool = False


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as its fragments in reading order."""

    number: int
    width: float
    height: float
    fragments: Sequence[Fragment]
    scanned: bool = False
    hidden: int = 0  # words that nobody sees, which are not among the fragments


def lay_out(raw_pages: Sequence[RawPage], titles: frozenset[str] = frozenset()) -> list[Page]:
    """Pages with text and lines. `titles` are the (folded) entries of the document's outline."""
    rows = [list(_rows(page.fragments)) for page in raw_pages]
    if any(row.broken for page_rows in rows for row in page_rows):
        known = _words(text for page_rows in rows for text in _without_broken(page_rows))
        rows = [_rejoined(page_rows, known) for page_rows in rows]
    if any(_LONE_LETTER.search(row.text) for page_rows in rows for row in page_rows):
        known = _words(row.text for page_rows in rows for row in page_rows)
        rows = [[_mended(row, known) for row in page_rows] for page_rows in rows]
    style = _body_style(row for page_rows in rows for row in page_rows)
    return [_page(raw, page_rows, style, titles) for raw, page_rows in zip(raw_pages, rows, strict=True)]


def union(first: Box, second: Box) -> Box:
    """The smallest box around both."""
    return Box(
        min(first.left, second.left),
        min(first.top, second.top),
        max(first.right, second.right),
        max(first.bottom, second.bottom),
    )


def _rows(fragments: Iterable[Fragment]) -> Iterator[Fragment]:
    """Neighbours on the same baseline merged. Only neighbours in reading order, which keeps columns apart."""
    row: Fragment | None = None
    for fragment in fragments:
        merged = _merged(row, fragment) if row is not None else None
        if merged is None and row is not None:
            yield row
        row = merged or fragment
    if row is not None:
        yield row


def _merged(row: Fragment, fragment: Fragment) -> Fragment | None:
    if row.broken or row.upright != fragment.upright or not _share_baseline(row, fragment):
        return None
    if row.upright and fragment.box.left >= row.box.right - 1:
        first, second = row, fragment
    elif row.upright and fragment.box.right <= row.box.left + 1 and not _right_to_left(row.text + fragment.text):
        first, second = fragment, row
    elif row.upright and not _right_to_left(row.text + fragment.text):
        return None
    else:
        first, second = row, fragment
    return replace(
        row,
        text=f"{first.text} {second.text}",
        box=union(row.box, fragment.box),
        bold=row.bold and fragment.bold,
        broken=second.broken,
    )


def _share_baseline(row: Fragment, fragment: Fragment) -> bool:
    a, b = row.box, fragment.box
    if row.upright:
        overlap, smaller = min(a.bottom, b.bottom) - max(a.top, b.top), min(a.bottom - a.top, b.bottom - b.top)
    else:
        overlap, smaller = min(a.right, b.right) - max(a.left, b.left), min(a.right - a.left, b.right - b.left)
    return overlap > _SAME_LINE * max(smaller, 0.1)


def _right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(_WORD.findall("\n".join(texts).lower()))


def _without_broken(rows: Sequence[Fragment]) -> Iterator[str]:
    """The rows' texts without the two parts of broken words, which are no words."""
    after_broken = False
    for row in rows:
        text = row.text.partition(" ")[2] if after_broken else row.text
        yield text.rpartition(" ")[0] if row.broken else text
        after_broken = row.broken


def _rejoined(rows: Sequence[Fragment], known: frozenset[str]) -> list[Fragment]:
    """Words that were broken at a line end stand whole at the end of the first line."""
    whole: list[Fragment] = []
    for row in rows:
        if not whole or not whole[-1].broken:
            whole.append(row)
            continue
        previous = whole[-1]
        head, _, rest = row.text.partition(" ")
        hyphen = "-" if _keeps_hyphen(previous.text.rpartition(" ")[2], head, known) else ""
        text = f"{previous.text}{hyphen}{head}"
        if rest:
            whole[-1] = replace(previous, text=text, broken=False)
            whole.append(replace(row, text=rest))
        else:
            whole[-1] = replace(previous, text=text, broken=row.broken, box=union(previous.box, row.box))
    return whole


def _keeps_hyphen(start: str, end: str, known: frozenset[str]) -> bool:
    """Whether the hyphen belongs to the word, judged by the words that the document uses elsewhere."""
    start_word, end_word = _outer_word(start, -1), _outer_word(end, 0)
    if not start_word or not end_word or end_word[0].isupper():
        return True
    if start_word + end_word in known:
        return False
    return f"{start_word}-{end_word}" in known or (start_word in known and end_word in known)


def _mended(row: Fragment, known: frozenset[str]) -> Fragment:
    """The last letter of a line joined to its word where a program set it apart (`Statement of Incom e`)."""
    found = _LONE_LETTER.search(row.text)
    if found is None or (found[1] + found[2]).lower() not in known:
        return row
    return replace(row, text=row.text[: -len(found[2]) - 1] + found[2])


def _outer_word(text: str, position: int) -> str:
    words = _WORD.findall(text)
    return words[position] if words else ""


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    bold: bool


def _body_style(rows: Iterable[Fragment]) -> _Style:
    sizes: Counter[float] = Counter()
    weights: Counter[bool] = Counter()
    for row in rows:
        sizes[round(row.size * 2) / 2] += len(row.text)
        weights[row.bold] += len(row.text)
    if not sizes:
        return _Style(0.0, bold=False)
    return _Style(sizes.most_common(1)[0][0], bold=weights[True] > weights[False])


def _page(raw: RawPage, rows: Sequence[Fragment], body: _Style, titles: frozenset[str]) -> Page:
    parts: list[str] = []
    lines: list[Line] = []
    position = 0
    gaps = [True, *(_gap(row, following) for row, following in pairwise(rows)), True]
    headings = [
        _is_heading(row, body, titles, set_apart=gaps[index] or gaps[index + 1]) for index, row in enumerate(rows)
    ]
    for row, heading, gap in zip(rows, _without_long_runs(headings), gaps[1 : len(rows) + 1], strict=True):
        lines.append(Line(position, position + len(row.text), row.box, heading))
        end = "\n\n" if gap else "\n"
        parts += [row.text, end]
        position += len(row.text) + len(end)
    text = "".join(parts).rstrip("\n")
    return Page(raw.number, text, tuple(lines), raw.width, raw.height, scanned=raw.scanned, hidden=raw.hidden)


def _without_long_runs(headings: Sequence[bool]) -> list[bool]:
    """Many headings in a row title nothing: they are the head of a table, or a page in bold."""
    kept: list[bool] = []
    for heading, run in groupby(headings):
        length = len(list(run))
        kept += [heading and length <= _MOST_HEADINGS] * length
    return kept


def _gap(row: Fragment, following: Fragment) -> bool:
    """Whether white space, a new column or another direction of text separates the two."""
    if row.upright != following.upright or following.box.bottom < row.box.top:
        return True
    if not row.upright:
        return False
    return following.box.top - row.box.bottom > _PARAGRAPH_GAP * (row.box.bottom - row.box.top)


def _is_heading(row: Fragment, body: _Style, titles: frozenset[str], *, set_apart: bool) -> bool:
    if titles and len(row.text) <= 200 and folded(row.text) in titles:
        return True
    if not could_title(row.text):
        return False
    if body.size and row.size >= 1.15 * body.size:
        return True
    if row.bold and not body.bold and row.text[0].isalnum() and not row.text[0].islower():
        return True
    return set_apart and (is_numbered(row.text) or is_capitals(row.text))
