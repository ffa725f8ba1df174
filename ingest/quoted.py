"""Finds on a page the lines in which quoted words stand, so that they can be marked."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from core.values import Box, Page

# Words are compared by their letters and digits: a hyphen at a line's end may or may not belong to the word.
_PART = re.compile(r"[^\W_]+")


def lines_with(page: Page, quote: str, near: Sequence[Box]) -> list[Box]:
    """The boxes of the lines of a page that hold the words of `quote`, at the place that meets `near` most often.

    Empty where the words do not stand on the page in this order.
    """
    boxes = [line.box for line in page.lines if line.box is not None]
    texts = ["".join(_letters(page.text[line.start : line.end])) for line in page.lines if line.box is not None]
    ends = list(accumulate(map(len, texts)))
    wanted, whole = "".join(_letters(quote)), "".join(texts)
    places = [
        [box for box, text, end in zip(boxes, texts, ends, strict=True) if end > start and end - len(text) < stop]
        for start, stop in _places(wanted, whole)
    ]
    return max(places, key=lambda place: sum(_meets(box, other) for box in place for other in near), default=[])


def _places(wanted: str, whole: str) -> Iterator[tuple[int, int]]:
    start = whole.find(wanted) if wanted else -1
    while start >= 0:
        yield start, start + len(wanted)
        start = whole.find(wanted, start + len(wanted))


def _letters(text: str) -> Iterator[str]:
    return (part.casefold() for part in _PART.findall(text))


def _meets(box: Box, other: Box) -> bool:
    across = min(box.right, other.right) > max(box.left, other.left)
    return across and min(box.bottom, other.bottom) > max(box.top, other.top)
