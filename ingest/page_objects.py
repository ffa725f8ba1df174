"""What PDFium says of the objects on a page, many times a page: asked at the lowest price that Python allows.

Objects and pages are addresses here. The bindings make an object of each pointer, which takes longer than the answer.
"""

import ctypes
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

Colour = tuple[int, int, int, int]  # red, green, blue, alpha
Sides = tuple[float, float, float, float]  # left, bottom, right, top, as PDF counts them

UNSEEN_MODES = frozenset({3, 7})  # PDF 32000-1:2008, table 106: neither filled nor stroked
_STROKED_MODES = frozenset({1, 5})
_FORM_DEPTH = 5
_MOST_SEGMENTS = 5  # of a rectangle
_THICK = 2.5  # points: what is thinner covers no words
_WORD_BYTES = 4


def _quick(function: Any, result: Any, *arguments: Any) -> Callable[..., int]:
    """The same function, with addresses for pointers and without letting other threads run meanwhile."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    called: Callable[..., int] = ctypes.PYFUNCTYPE(result, *arguments)(address)
    return called


_int, _at = ctypes.c_int, ctypes.c_void_p
_object = _quick(pdfium.FPDFPage_GetObject, _at, _at, _int)
_inner = _quick(pdfium.FPDFFormObj_GetObject, _at, _at, ctypes.c_ulong)
_inner_count = _quick(pdfium.FPDFFormObj_CountObjects, _int, _at)
_kind = _quick(pdfium.FPDFPageObj_GetType, _int, _at)
_mode = _quick(pdfium.FPDFTextObj_GetTextRenderMode, _int, _at)
_fill = _quick(pdfium.FPDFPageObj_GetFillColor, _int, *[_at] * 5)
_stroke = _quick(pdfium.FPDFPageObj_GetStrokeColor, _int, *[_at] * 5)
_stroke_width = _quick(pdfium.FPDFPageObj_GetStrokeWidth, _int, _at, _at)
_draw_mode = _quick(pdfium.FPDFPath_GetDrawMode, _int, _at, _at, _at)
_bounds = _quick(pdfium.FPDFPageObj_GetBounds, _int, *[_at] * 5)
_matrix = _quick(pdfium.FPDFPageObj_GetMatrix, _int, _at, _at)
_transparent = _quick(pdfium.FPDFPageObj_HasTransparency, _int, _at)
_clip = _quick(pdfium.FPDFPageObj_GetClipPath, _at, _at)
_clip_count = _quick(pdfium.FPDFClipPath_CountPaths, _int, _at)
_segment_count = _quick(pdfium.FPDFClipPath_CountPathSegments, _int, _at, _int)
_segment = _quick(pdfium.FPDFClipPath_GetPathSegment, _at, _at, _int, _int)
_point = _quick(pdfium.FPDFPathSegment_GetPoint, _int, _at, _at, _at)
_set_active = _quick(pdfium.FPDFPageObj_SetIsActive, _int, _at, _int)
_owner = _quick(pdfium.FPDFText_GetTextObject, _at, _at, _int)
_loose_box = _quick(pdfium.FPDFText_GetLooseCharBox, _int, _at, _int, _at)


def address(pointer: Any) -> int:
    """The address of one of the bindings' pointers."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, picture, or shading on a page; `order` says when it is drawn, `colour` is None where it has several."""

    order: float
    sides: Sides
    colour: Colour | None
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything on a page in the order in which it is drawn."""

    shapes: Sequence[Shape]
    orders: Callable[[], dict[int, float]]  # of texts, by their addresses


class TextObject(NamedTuple):
    """A piece of text with one font and colour; `first` and `last` are the characters of it that were looked at.

    `sides` are those of the first, with the room around it that its font gives to each.
    """

    address: int
    first: int
    last: int
    mode: int
    colour: Colour
    sides: Sides
    clips: int  # how many paths only what lies within which is drawn


def owners(text_page: Any, characters: Sequence[int]) -> list[int]:
    """The address of the text object that each character belongs to, 0 or None for what PDFium put in between."""
    return list(map(_owner, repeat(address(text_page)), characters))


def text_objects(text_page: Any, spans: dict[int, list[int]]) -> list[TextObject]:
    """What stands at these addresses; `spans` has a first and a last character for each."""
    handles, count = list(spans), len(spans)
    colours = (ctypes.c_uint * (4 * count))()
    for _ in map(_fill, handles, *_columns(colours, count)):
        pass
    sides = (ctypes.c_float * (4 * count))()
    start = ctypes.addressof(sides)
    firsts = [first for first, _ in spans.values()]
    for _ in map(_loose_box, repeat(address(text_page)), firsts, range(start, start + 16 * count, 16)):
        pass
    clips = map(_clip_count, map(_clip, handles))
    found = zip(
        handles,
        spans.values(),
        map(_mode, handles),
        struct.iter_unpack("4I", colours),
        struct.iter_unpack("4f", sides),
        clips,
        strict=True,
    )
    return [
        TextObject(handle, first, last, mode, _stroke_or(handle, mode, colour), (a, d, c, b), clip)
        for handle, (first, last), mode, colour, (a, b, c, d), clip in found
    ]


def room_of(text_page: Any, character: int) -> Sides:
    """The sides of a character, with the room around it that its font gives to each."""
    found = (ctypes.c_float * 4)()
    _loose_box(address(text_page), character, ctypes.addressof(found))
    left, top, right, bottom = found
    return left, bottom, right, top


def _stroke_or(handle: int, mode: int, fill: Colour) -> Colour:
    return _colour(_stroke, handle) if mode in _STROKED_MODES else fill


def _columns(array: Any, count: int) -> list[range]:
    """Addresses of the first, second, third and fourth number of each row."""
    start = ctypes.addressof(array)
    step, end = 4 * _WORD_BYTES, start + 4 * _WORD_BYTES * count
    return [range(start + _WORD_BYTES * column, end + _WORD_BYTES * column, step) for column in range(4)]


def is_transparent(text: TextObject) -> bool:
    """Whether it is drawn in another way than just over what is below."""
    return _transparent(text.address) == 1


def is_cut(text: TextObject, sides: Sides) -> bool:
    """Whether something within these sides may lie outside of the paths that clip the text."""
    clip = _clip(text.address)
    for path in range(text.clips):
        segments = [_segment(clip, path, index) for index in range(min(_segment_count(clip, path), _MOST_SEGMENTS + 1))]
        if len(segments) > _MOST_SEGMENTS:
            return True
        xs, ys = zip(*map(_end_of, segments), strict=True)
        left, bottom, right, top = sides
        if left < min(xs) - 1 or right > max(xs) + 1 or bottom < min(ys) - 1 or top > max(ys) + 1:
            return True
    return False


def _end_of(segment: int) -> tuple[float, float]:
    point = (ctypes.c_float * 2)()
    start = ctypes.addressof(point)
    _point(segment, start, start + _WORD_BYTES)
    return point[0], point[1]


def set_active(texts: Sequence[int], *, active: bool) -> None:
    """Have these drawn, or not."""
    for text in texts:
        _set_active(text, int(active))


def walk(page: Any) -> Drawn:
    """All objects of the page, those within forms included."""
    count, at = pdfium.FPDFPage_CountObjects(page), address(page)
    handles = list(map(_object, repeat(at), range(count)))
    # A text has a mode of drawing, whatever else there is has none: one question for each instead of two.
    others = compress(range(count), map((0).__gt__, map(_mode, handles)))
    shapes: list[Shape] = []
    inner: dict[int, float] = {}
    for order in others:
        _add(shapes, inner, handles[order], float(order), (1.0, _WHOLE, 0))
    return Drawn(shapes, lambda: dict(chain(zip(handles, map(float, range(count)), strict=True), inner.items())))


_Matrix = tuple[float, float, float, float, float, float]
_WHOLE: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_Within = tuple[float, _Matrix, int]  # room between orders, from the form to the page, depth


def _add(shapes: list[Shape], texts: dict[int, float], handle: int, order: float, within: _Within) -> None:
    room, matrix, depth = within
    kind = _kind(handle)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        texts[handle] = order
    elif kind == pdfium.FPDF_PAGEOBJ_PATH:
        sides = _placed(handle, matrix)
        if min(sides[2] - sides[0], sides[3] - sides[1]) < _THICK:
            return
        colour = _path_colour(handle)
        if colour is not None:
            shapes.append(Shape(order, sides, colour))
    elif kind in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING}:
        shapes.append(Shape(order, _placed(handle, matrix), None, kind == pdfium.FPDF_PAGEOBJ_IMAGE))
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
        count = _inner_count(handle)
        own = (ctypes.c_float * 6)()
        _matrix(handle, ctypes.addressof(own))
        step = room / (count + 1)
        inside = step, _product(tuple(own), matrix), depth + 1
        for index in range(count):
            _add(shapes, texts, _inner(handle, index), order + step * index, inside)


def _path_colour(path: int) -> Colour | None:
    """The colour that a path puts on an area, None where it is only lines."""
    modes = (ctypes.c_int * 2)()
    start = ctypes.addressof(modes)
    _draw_mode(path, start, start + _WORD_BYTES)
    if modes[0]:
        return _colour(_fill, path)
    if modes[1]:
        width = ctypes.c_float()
        _stroke_width(path, ctypes.addressof(width))
        return _colour(_stroke, path) if width.value >= _THICK else None
    return None


def _colour(ask: Callable[..., int], handle: int) -> Colour:
    found = (ctypes.c_uint * 4)()
    start = ctypes.addressof(found)
    ask(handle, *range(start, start + 4 * _WORD_BYTES, _WORD_BYTES))
    return found[0], found[1], found[2], found[3]


def _placed(handle: int, matrix: _Matrix) -> Sides:
    found = (ctypes.c_float * 4)()
    start = ctypes.addressof(found)
    if not _bounds(handle, *range(start, start + 4 * _WORD_BYTES, _WORD_BYTES)):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = found
    if matrix is _WHOLE:
        return left, bottom, right, top
    a, b, c, d, e, f = matrix
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _product(first: Sequence[float], then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
