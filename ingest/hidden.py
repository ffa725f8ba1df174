"""Words of a PDF's page that nobody sees: white, tiny, transparent, clipped, covered, beside the page, or never drawn.

A few of the page's characters tell whether any text is suspect. Only then the page is drawn, with and without the
suspects; words whose absence changes nothing are hidden. Text that is never drawn is fine over a picture: it is what
OCR has read there.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import pypdfium2.raw as pdfium

from ingest import page_objects
from ingest.page_objects import Colour, Drawn, Shape, Sides, TextObject
from ingest.page_picture import PagePicture

_STRIDE = 8  # characters: shorter runs of hidden text may be overlooked
_FAINT = 16  # of 255: what differs less from its ground is not seen
_TINY = 1.5  # points: nobody reads letters of this height
_COVERED = 0.5  # of a character
_MOST_SHAPES = 2000  # that are compared with each text; where there are more, drawing is faster
_BLACK: Colour = (0, 0, 0, 255)
_BAND, _FAR = 12.0, 20_000.0  # points
_SOFT = frozenset(map(ord, " \t\r\n\xa0\x02\ufffe"))


def hidden_words(page: Any, text_page: Any) -> list[list[int]]:
    """The hidden words, each as the indexes of its characters."""
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return []
    judge = _Judge(page)
    sample = page_objects.owners(text_page, range(0, count, _STRIDE))
    if not judge.suspects(text_page, _spans(sample, _STRIDE)):
        return []
    owners = page_objects.owners(text_page, range(count))
    suspects = judge.suspects(text_page, _spans(owners, 1))
    return list(_Words(page, text_page, judge, owners, suspects).hidden())


def _spans(owners: Sequence[int], stride: int) -> dict[int, list[int]]:
    """For each text object its first and its last character."""
    spans: dict[int, list[int]] = {}
    for index, owner in enumerate(owners):
        if not owner:
            continue
        span = spans.get(owner)
        if span is None:
            spans[owner] = [index * stride, index * stride]
        else:
            span[1] = index * stride
    return spans


class _Judge:
    """Tells which texts may be hidden, by what PDFium says of them."""

    def __init__(self, page: Any) -> None:
        shown = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(shown))
        self.visible: Sides = shown.left, shown.bottom, shown.right, shown.top
        self._transparency = bool(pdfium.FPDFPage_HasTransparency(page))
        self.drawn: Drawn = page_objects.walk(page)
        self._shapes = self.drawn.shapes

    def suspects(self, text_page: Any, spans: dict[int, list[int]]) -> dict[int, TextObject]:
        """Those of the texts that may be hidden, by their addresses."""
        texts = page_objects.text_objects(text_page, spans)
        return {text.address: text for text in texts if self._is_suspect(text, text_page)}

    def _is_suspect(self, text: TextObject, text_page: Any) -> bool:
        sides = text.sides
        if (
            text.mode in page_objects.UNSEEN_MODES
            or (text.colour != _BLACK and _is_faint(text.colour))
            or (sides[3] - sides[1] < _TINY and is_tiny(sides) and not _is_blank(text, text_page))
            or (self._transparency and page_objects.is_transparent(text))
        ):
            return True
        if text.last != text.first:
            sides = _union(sides, page_objects.room_of(text_page, text.last))
        return (
            _is_beside(sides, self.visible)
            or (text.clips > 0 and page_objects.is_cut(text, sides))
            or (bool(self._shapes) and self._is_lost(text, sides))
        )

    def _is_lost(self, text: TextObject, sides: Sides) -> bool:
        """Whether some of it may be covered, or stand on a ground that may have its colour."""
        if len(self._shapes) > _MOST_SHAPES:
            return True
        # Only every so many characters were looked at: there are others around these.
        beyond = _STRIDE * (text.sides[2] - text.sides[0])
        left, bottom, right, top = sides
        reach = left - beyond, bottom, right + beyond, top
        over = [shape for shape in self._rows.at(reach) if _meets(reach, shape.sides)]
        if not over:
            return False
        order = self._orders.get(text.address, -1.0)
        return any(shape.order > order or _alike(shape.colour, text.colour) for shape in over)

    @cached_property
    def _rows(self) -> "_Rows":
        return _Rows(self._shapes)

    @cached_property
    def _orders(self) -> dict[int, float]:
        return self.drawn.orders()


def _is_faint(colour: Colour) -> bool:
    """Whether it would not be seen on white."""
    red, green, blue, alpha = colour
    return (255 - min(red, green, blue)) * alpha < _FAINT * 255


def _is_blank(text: TextObject, text_page: Any) -> bool:
    """Whether it is but a space, which takes no room in some fonts."""
    if pdfium.FPDFText_GetUnicode(text_page, text.first) not in _SOFT:
        return False
    (after,) = page_objects.owners(text_page, [text.first + 1])
    return after != text.address


class _Rows:
    """Shapes by their height on the page."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._bands: dict[int, list[Shape]] = {}
        for shape in shapes:
            for band in range(_band(shape.sides[1]), _band(shape.sides[3]) + 1):
                self._bands.setdefault(band, []).append(shape)

    def at(self, sides: Sides) -> Sequence[Shape]:
        """Shapes that may overlap the middle of these sides."""
        return self._bands.get(_band((sides[1] + sides[3]) / 2), ())


def _band(height: float) -> int:
    return int(min(max(height, -_FAR), _FAR) // _BAND)


def _share(text: Sides, shape: Sides) -> float:
    """How much of the text's box lies within the shape's."""
    width = min(text[2], shape[2]) - max(text[0], shape[0])
    height = min(text[3], shape[3]) - max(text[1], shape[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max((text[2] - text[0]) * (text[3] - text[1]), 1e-6)


def _meets(text: Sides, shape: Sides) -> bool:
    """Whether the shape is as high as half of the text where the two meet."""
    width = min(text[2], shape[2]) - max(text[0], shape[0])
    height = min(text[3], shape[3]) - max(text[1], shape[1])
    return width > 0 and height >= _COVERED * (text[3] - text[1])


def _union(first: Sides, second: Sides) -> Sides:
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def _is_beside(text: Sides, shown: Sides) -> bool:
    """Whether some of it lies outside of what is shown of the page."""
    return text[0] < shown[0] or text[1] < shown[1] or text[2] > shown[2] or text[3] > shown[3]


def _alike(ground: Colour | None, text: Colour) -> bool:
    return ground is None or max(abs(a - b) for a, b in zip(ground[:3], text[:3], strict=True)) < _FAINT


def is_tiny(sides: Sides) -> bool:
    """Whether nobody can read a character with these sides, whichever way it is turned."""
    return max(sides[2] - sides[0], sides[3] - sides[1]) < _TINY


class _Words:
    """The words of suspect texts on a page."""

    def __init__(
        self, page: Any, text_page: Any, judge: _Judge, owners: Sequence[int], suspects: dict[int, TextObject]
    ) -> None:
        self._text_page = text_page
        self._judge = judge
        self._owners = owners
        self._suspects = suspects
        self._picture = PagePicture(page)
        self._unseen = {one for one, text in suspects.items() if text.mode in page_objects.UNSEEN_MODES}

    def hidden(self) -> Iterator[list[int]]:
        """The words that nobody sees."""
        words = [(word, _around(self._text_page, word)) for word in self._words()]
        shown = self._judge.visible
        gone = [
            is_tiny(page_objects.room_of(self._text_page, word[0])) or _share(sides, shown) < _COVERED
            for word, sides in words
        ]
        changes = self._changes([sides for (_, sides), out in zip(words, gone, strict=True) if not out])
        for (word, sides), out in zip(words, gone, strict=True):
            if out or not (self._is_ocr(sides) if self._owners[word[0]] in self._unseen else changes(sides)):
                yield word

    def _words(self) -> Iterator[list[int]]:
        word: list[int] = []
        for index, owner in enumerate(self._owners):
            suspect = bool(owner) and owner in self._suspects
            if suspect and pdfium.FPDFText_GetUnicode(self._text_page, index) not in _SOFT:
                word.append(index)
            elif word:
                yield word
                word = []
        if word:
            yield word

    def _changes(self, sides: Sequence[Sides]) -> Callable[[Sides], bool]:
        """A function that tells whether the page looks different, within some sides, without the suspects."""
        drawn = [one for one in self._suspects if one not in self._unseen]
        if not drawn or not sides:
            return lambda _: True
        return self._picture.changes(drawn)

    def _is_ocr(self, sides: Sides) -> bool:
        """Whether text that is never drawn stands for what is seen there in a picture."""
        if self._unseen_prevail:
            return any(
                shape.is_picture and _share(sides, shape.sides) >= _COVERED for shape in self._judge.drawn.shapes
            )
        return self._ink(sides)

    @cached_property
    def _unseen_prevail(self) -> bool:
        """Whether most of the page's text is never drawn: else it is not what OCR read in a picture of the page."""
        unseen = [owner in self._unseen for owner in self._owners if owner]
        return 2 * sum(unseen) > len(unseen)

    @cached_property
    def _ink(self) -> Callable[[Sides], bool]:
        return self._picture.ink([one for one in self._owners if one])


def _around(text_page: Any, word: Sequence[int]) -> Sides:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    references = [ctypes.byref(side) for side in (left, right, bottom, top)]
    found: list[Sides] = []
    for index in word:
        if pdfium.FPDFText_GetCharBox(text_page, index, *references):
            found.append((left.value, bottom.value, right.value, top.value))
    if not found:
        return 0.0, 0.0, 0.0, 0.0
    lefts, bottoms, rights, tops = zip(*found, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
