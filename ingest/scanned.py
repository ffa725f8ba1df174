"""Tells pages whose words stand in a picture: scans, text drawn as outlines, text whose characters mean nothing.

Looks only at pages with little text or strange text, since looking at what is drawn on a full page takes time.
"""

import ctypes
import re
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

_FEW = 30  # letters and digits: a page's number, a stamp
_LITTLE = 100  # the head or foot of a scan, as archives and courts print on it
_TELLING = 1000  # characters; what follows is of the same kind
_STRANGE_SHARE = 0.2
_WORDLESS_SHARE = 0.5
_LARGE, _WHOLE = 0.2, 0.6  # shares of the page
_OUTLINES = 40  # shapes; fewer are a frame, a rule, a logo
_MOST_OBJECTS = 2000
_FORM_DEPTH = 3
_LETTERS = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
# Controls and what fonts use privately; not PDFium's hyphen, nor the bullets of the font Symbol.
_STRANGE = re.compile(r"[\x00\x01\x03-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf0a6\uf0a8-\uf0b6\uf0b8-\uf8ff\ufffd]")


@dataclass(slots=True)
class _Drawn:
    """What stands on a page besides text; areas as shares of the page."""

    picture: float = 0.0
    shapes: int = 0
    left: int = _MOST_OBJECTS


def needs_eyes(page: Any, text: str, area: float) -> bool:
    """Whether the page shows words that are not in `text`, which is what PDFium takes from it, uncleaned.

    `area` is the page's, in square points.
    """
    text = text[:_TELLING]
    solid = len("".join(text.split()))
    letters = sum(map(len, _LETTERS.findall(text)))
    if solid > _FEW and len(_STRANGE.findall(text)) > _STRANGE_SHARE * solid:
        return True
    wordless = solid > _FEW and sum(map(len, _WORD.findall(text))) < _WORDLESS_SHARE * solid
    if letters >= _LITTLE and not wordless:
        return False
    drawn = _drawn(page, max(area, 1.0))
    if letters < _FEW:
        return drawn.picture >= (_LARGE if letters else 0.005) or drawn.shapes >= _OUTLINES
    return drawn.picture >= _WHOLE


def _drawn(page: Any, area: float) -> _Drawn:
    found = _Drawn()
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        if found.left <= 0:
            break
        _add(found, pdfium.FPDFPage_GetObject(page, index), area, 0)
    return found


def _add(found: _Drawn, drawn: Any, area: float, depth: int) -> None:
    found.left -= 1
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        found.shapes += 1
    elif kind in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING}:
        found.picture = max(found.picture, _area(drawn) / area)
    elif kind == pdfium.FPDF_PAGEOBJ_FORM:
        _add_form(found, drawn, area, depth)


def _add_form(found: _Drawn, form: Any, area: float, depth: int) -> None:
    """A form is a page within a page, of its own scale: where a picture is in it, the form's own area counts."""
    inner = _Drawn(left=found.left)
    if depth < _FORM_DEPTH:
        for index in range(pdfium.FPDFFormObj_CountObjects(form)):
            if inner.left <= 0:
                break
            _add(inner, pdfium.FPDFFormObj_GetObject(form, index), area, depth + 1)
    found.left = inner.left
    found.shapes += inner.shapes
    if inner.picture:
        found.picture = max(found.picture, _area(form) / area)


def _area(drawn: Any) -> float:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    sides = [ctypes.byref(side) for side in (left, bottom, right, top)]
    if not pdfium.FPDFPageObj_GetBounds(drawn, *sides):
        return 0.0
    return float(max(right.value - left.value, 0.0) * max(top.value - bottom.value, 0.0))
