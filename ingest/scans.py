"""From a picture of a page to a page with text and lines: where its words stand, in which order, how sure they are.

Runs in the scan child only.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from core.values import Box, Page
from ingest.cleaning import clean_line
from ingest.layout import Fragment, RawPage, lay_out
from ingest.reading_order import in_order
from ingest.recognition import Recogniser, Sighting, Strip
from ingest.rendering import draw

_POINTS = 72  # to the inch
_LEAST_SCORE = 0.5  # what is less sure is noise more often than words
_LARGER = 1.4  # than most lines: a title; the heights of boxes vary by less
_STRAIGHT = math.radians(0.2)
_LONG_STRIP = 5  # times its height: a shorter one does not tell how crooked the page is
_ROOM = 0.12  # of its height is around the letters of a strip, on each side
_BROKEN = re.compile(r"[^\W\d_]{2,}-$")
_Point = tuple[float, float]


def read_scan(path: Path, number: int, dpi: int, max_pixels: int, recogniser: Recogniser) -> Page:
    """Page `number` (from 1) of the PDF or picture at `path`, read with the eyes. Raises as `draw` does."""
    picture, scale = draw(path, number, dpi / _POINTS, max_pixels)
    width, height = picture.width / scale, picture.height / scale
    return page_of(number, recogniser.read(picture), width, height, scale)


def page_of(number: int, sighting: Sighting, width: float, height: float, scale: float) -> Page:
    """The page of `width` and `height` (in points) on whose picture, `scale` pixels a point, this was read."""
    kept = [(strip, text) for strip in sighting.strips if (text := clean_line(strip.text))]
    sure = [(strip, text) for strip, text in kept if strip.score >= _LEAST_SCORE]
    plane = _Plane(sighting.turns, _slant([strip for strip, _ in sure]), width, height)
    fragments = in_order(_sized([_fragment(strip, text, plane, scale) for strip, text in sure]))
    (page,) = lay_out([RawPage(number, width, height, _with_breaks(fragments))])
    lines = tuple(replace(line, box=plane.back(line.box) if line.box else None) for line in page.lines)
    return replace(page, lines=lines, scanned=True, confidence=_confidence(kept) if page.text else None)


def _confidence(kept: Sequence[tuple[Strip, str]]) -> float:
    """The mean over all characters, those included that were too unsure to be kept."""
    characters = sum(len(text) for _, text in kept)
    return round(sum(strip.score * len(text) for strip, text in kept) / characters, 4)


@dataclass(frozen=True, slots=True)
class _Plane:
    """The page laid straight: turned until its text stands upright, then by the angle at which it was put in."""

    turns: int
    slant: float
    width: float
    height: float

    def straight(self, corners: Sequence[_Point]) -> Box:
        """The box, on the straight page, around corners on the turned one."""
        return _around([_rotated(corner, -self.slant) for corner in corners])

    def back(self, box: Box) -> Box:
        """A box of the straight page as it lies on the page as displayed."""
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        turned = _around([self._unturned(_rotated(corner, self.slant)) for corner in corners])
        return Box(
            max(turned.left, 0.0), max(turned.top, 0.0), min(turned.right, self.width), min(turned.bottom, self.height)
        )

    def _unturned(self, point: _Point) -> _Point:
        x, y = point
        turns: tuple[Callable[[], _Point], ...] = (
            lambda: (x, y),
            lambda: (self.width - y, x),
            lambda: (self.width - x, self.height - y),
            lambda: (y, self.height - x),
        )
        return turns[self.turns % 4]()


def _rotated(point: _Point, angle: float) -> _Point:
    x, y = point
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _around(points: Sequence[_Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))


def _slant(strips: Sequence[Strip]) -> float:
    """The angle (in radians) of most long lines, 0 where the page lies nearly straight."""
    angles = []
    for strip in strips:
        (x0, y0), (x1, y1), _, (x3, y3) = strip.corners
        if math.hypot(x1 - x0, y1 - y0) >= _LONG_STRIP * math.hypot(x3 - x0, y3 - y0):
            angles.append(math.atan2(y1 - y0, x1 - x0))
    angle = median(angles) if angles else 0.0
    return angle if abs(angle) > _STRAIGHT else 0.0


def _fragment(strip: Strip, text: str, plane: _Plane, scale: float) -> Fragment:
    box = plane.straight([(x / scale, y / scale) for x, y in strip.corners])
    room = _ROOM * min(box.bottom - box.top, box.right - box.left)
    box = Box(box.left + room, box.top + room, box.right - room, box.bottom - room)
    return Fragment(text, box, size=box.bottom - box.top)


def _sized(fragments: Sequence[Fragment]) -> list[Fragment]:
    """All of one size but those that are clearly larger: a line with a `g` in it is taller than one without."""
    if not fragments:
        return []
    usual = median(fragment.size for fragment in fragments)
    return [replace(one, size=one.size if one.size > _LARGER * usual else usual) for one in fragments]


def _with_breaks(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Words that are broken at the end of a line, told by the small letter with which the next one begins."""
    return [
        replace(one, text=one.text[:-1], broken=True) if _is_broken(one, after) else one
        for one, after in pairwise(fragments)
    ] + list(fragments[-1:])


def _is_broken(fragment: Fragment, after: Fragment) -> bool:
    return _BROKEN.search(fragment.text) is not None and after.text[0].islower() and after.box.top > fragment.box.top
