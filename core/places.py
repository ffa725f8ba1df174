"""Where something stands in the terms of its format, such as `Slide 3` or `Budget 2024!B5:F19`: joined, merged, told.

Places are text, and one may lie within another: `Scope › Limits › Table 2 › rows 3-8`.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from core.values import Passage, Place

WITHIN = " › "
MOST_CHARACTERS = 200
_MOST_RUNS = 50
_SEPARATOR = re.compile(f"({WITHIN}|!)")
_RANGE = re.compile(r"[A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?")
# Cells of a sheet: without its name before them they might be a heading such as `Q1`.
_CELLS = re.compile(
    r"(?P<before>.*!)(?P<left>[A-Z]{1,3})(?P<top>\d{1,7})(?::(?P<right>[A-Z]{1,3})(?P<bottom>\d{1,7}))?"
)
_COUNTED = re.compile(r"(?P<before>(?:.* › )?)(?P<kind>row|paragraph|line)s? (?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?")
_SPACE = re.compile(r"\s+")


def joined(outer: str, inner: str) -> str:
    """The place `inner` of what is called `outer`; cells are written as spreadsheets write them."""
    if not (outer and inner):
        return outer or inner
    return f"{outer}!{inner}" if _RANGE.fullmatch(inner) else f"{outer}{WITHIN}{inner}"


def page_runs(numbers: Sequence[int]) -> str:
    """Page numbers in order as people write them: `3,7-9`; of very many the first."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    named = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return ",".join([*named[:_MOST_RUNS], *(["…"] if len(named) > _MOST_RUNS else [])])


def merged(places: Sequence[tuple[str, int]]) -> str:
    """One place for all of these, each with its weight: a range, else what they share, else the one of most weight."""
    weights: dict[str, int] = {}
    for place, weight in places:
        if place:
            weights[place] = weights.get(place, 0) + weight
    if not weights:
        return ""
    one = _cells(list(weights)) or _counted(list(weights)) or _shared(list(weights))
    return one or max(weights, key=lambda place: weights[place])


def place_of_quote(passage: Passage, quote: str) -> str:
    """Where the quote stands, as closely as is known; the place of the passage where it is not found in it."""
    start = passage.text.find(quote)
    if start < 0 or not quote or not passage.places:
        return passage.place
    end = start + len(quote)
    overlaps = [(one.text, min(one.end, end) - max(one.start, start)) for one in passage.places]
    return merged([(place, weight) for place, weight in overlaps if weight > 0]) or passage.place


def spans(lines: Sequence[Place], place: str) -> tuple[Place, ...]:
    """The places of the lines of a passage, neighbours at one place as one; none where `place` says as much."""
    found: list[Place] = []
    for line in lines:
        if found and found[-1].text == line.text:
            found[-1] = Place(found[-1].start, line.end, line.text)
        else:
            found.append(line)
    return tuple(found) if {one.text for one in found} - {place} else ()


def told(place: str, page: int) -> str:
    """Where it stands, for people: the place where the format has its own terms, else the page."""
    return place or f"page {page}"


def _cells(places: Sequence[str]) -> str:
    matches = [match for place in places if (match := _CELLS.fullmatch(place))]
    if len(matches) < len(places) or len({match["before"] for match in matches}) > 1:
        return ""
    columns = [column for match in matches for column in (match["left"], match["right"] or match["left"])]
    rows = [int(row) for match in matches for row in (match["top"], match["bottom"] or match["top"])]
    left, right = (pick(columns, key=lambda column: (len(column), column)) for pick in (min, max))
    first, last = f"{left}{min(rows)}", f"{right}{max(rows)}"
    return matches[0]["before"] + (first if first == last else f"{first}:{last}")


def _counted(places: Sequence[str]) -> str:
    matches = [match for place in places if (match := _COUNTED.fullmatch(place))]
    if len(matches) < len(places) or len({(match["before"], match["kind"]) for match in matches}) > 1:
        return ""
    numbers = [int(number) for match in matches for number in (match["first"], match["last"] or match["first"])]
    first, last = min(numbers), max(numbers)
    what = matches[0]["before"] + matches[0]["kind"]
    return f"{what} {first}" if first == last else f"{what}s {first}-{last}"


def _shared(places: Sequence[str]) -> str:
    """What all of them lie in, empty where they have nothing in common."""
    levels = zip(*(_SEPARATOR.split(place) for place in places), strict=False)
    common = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)]
    return "".join(common if len(common) % 2 else common[:-1])


def shortened(place: str) -> str:
    """A place as it is kept: one line of limited length."""
    return _SPACE.sub(" ", place).strip()[:MOST_CHARACTERS]
