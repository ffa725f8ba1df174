"""The order in which people read pieces of text that stand anywhere on a page: row by row, or column by column.

A table is read by its rows, running text in columns by its columns. Knows nothing of where the pieces come from.
"""

from collections.abc import Iterator, Sequence

from ingest.layout import Fragment

_SAME_ROW = 0.5  # of the smaller height has to overlap
_PROSE = 20  # characters: cells of a table are shorter than lines of a column
_FEWEST_LINES = 3
_MOST_ACROSS = 0.35  # of the pieces may cross the gap: a title over both columns, a picture's caption
_DEPTH = 3
_STEPS = 60  # places across the page at which a gap is looked for


def in_order(fragments: Sequence[Fragment], depth: int = 0) -> list[Fragment]:
    """The fragments as they are read."""
    gap = _gap_between_columns(fragments) if depth < _DEPTH else None
    if gap is None:
        return [fragment for row in _rows(fragments) for fragment in row]
    ordered: list[Fragment] = []
    for band in _bands(fragments, gap):
        sides = [[one for one in band if _is_left(one, gap)], [one for one in band if not _is_left(one, gap)]]
        if len(band) == 1 or _crosses(band[0], gap):
            ordered += in_order(band, _DEPTH)
        else:
            ordered += in_order(sides[0], depth + 1) + in_order(sides[1], depth + 1)
    return ordered


def _rows(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    rows: list[list[Fragment]] = []
    for fragment in sorted(fragments, key=lambda one: (one.box.top + one.box.bottom, one.box.left)):
        if rows and _share_row(rows[-1][-1], fragment):
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    return [sorted(row, key=lambda one: one.box.left) for row in rows]


def _share_row(first: Fragment, second: Fragment) -> bool:
    a, b = first.box, second.box
    overlap, smaller = min(a.bottom, b.bottom) - max(a.top, b.top), min(a.bottom - a.top, b.bottom - b.top)
    return overlap > _SAME_ROW * max(smaller, 0.1)


def _gap_between_columns(fragments: Sequence[Fragment]) -> float | None:
    """Where white space divides running text from top to bottom; None where it does not."""
    if len(fragments) < 2 * _FEWEST_LINES:
        return None
    left, right = min(one.box.left for one in fragments), max(one.box.right for one in fragments)
    places = [left + (right - left) * step / _STEPS for step in range(_STEPS // 6, _STEPS - _STEPS // 6 + 1)]
    crossed = {place: sum(_crosses(one, place) for one in fragments) for place in places}
    fewest = min(crossed.values())
    if fewest > _MOST_ACROSS * len(fragments):
        return None
    best = [place for place in places if crossed[place] == fewest and _divides_prose(fragments, place)]
    return best[len(best) // 2] if best else None


def _divides_prose(fragments: Sequence[Fragment], gap: float) -> bool:
    beside = [one for one in fragments if not _crosses(one, gap)]
    left = [one for one in beside if _is_left(one, gap)]
    right = [one for one in beside if not _is_left(one, gap)]
    return _is_prose(left) and _is_prose(right)


def _is_prose(fragments: Sequence[Fragment]) -> bool:
    long = sum(len(one.text) >= _PROSE for one in fragments)
    return long >= _FEWEST_LINES and 2 * long >= len(fragments)


def _bands(fragments: Sequence[Fragment], gap: float) -> Iterator[list[Fragment]]:
    """Pieces that cross the gap, each for itself, and between them what stands beside it."""
    beside: list[Fragment] = []
    for fragment in sorted(fragments, key=lambda one: one.box.top + one.box.bottom):
        if not _crosses(fragment, gap):
            beside.append(fragment)
            continue
        if beside:
            yield beside
        yield [fragment]
        beside = []
    if beside:
        yield beside


def _crosses(fragment: Fragment, place: float) -> bool:
    return fragment.box.left < place < fragment.box.right


def _is_left(fragment: Fragment, place: float) -> bool:
    return fragment.box.right <= place
