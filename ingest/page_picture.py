"""A PDF's page drawn with and without some of its texts, to see where they make a difference."""

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as pdfium

from ingest import page_objects
from ingest.page_objects import Sides

if TYPE_CHECKING:
    from PIL import Image

_SCALE = 1.5  # pixels a point: 108 dpi
_MOST_PIXELS = 6_000_000
_LEAST_SCALE = 0.4  # in a smaller picture the letters of a large page would be lost
_FAINT = 16  # of 255
_INK = 48  # of 255, between paper and letters of a scan
_PIXEL_BYTES = 4


class PagePicture:
    """Draws a page."""

    def __init__(self, page: Any) -> None:
        self._page = page
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        scale = min(_SCALE, math.sqrt(_MOST_PIXELS / max(width * height, 1.0)))
        self._tells = scale >= _LEAST_SCALE
        self._width, self._height = max(int(width * scale), 1), max(int(height * scale), 1)

    def changes(self, texts: Sequence[int]) -> Callable[[Sides], bool]:
        """A function that tells whether the page looks different, within some sides, without these texts."""
        if not self._tells:
            return lambda _: True
        # Most children never draw.
        from PIL import ImageChops  # noqa: PLC0415

        difference = ImageChops.difference(self._drawn(), self._drawn_without(texts))
        red, green, blue = difference.split()
        most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        seen = most.point([255 * (level >= _FAINT) for level in range(256)])
        return lambda sides: seen.crop(self._pixels(sides)).getbbox() is not None

    def ink(self, texts: Sequence[int]) -> Callable[[Sides], bool]:
        """A function that tells whether there is anything to be seen, within some sides, besides these texts."""
        if not self._tells:
            return lambda _: True
        grey = self._drawn_without(texts).convert("L")

        def has_ink(sides: Sides) -> bool:
            darkest, lightest = grey.crop(self._pixels(sides)).getextrema()
            return float(lightest) - float(darkest) >= _INK  # type: ignore[arg-type]

        return has_ink

    def _drawn_without(self, texts: Sequence[int]) -> "Image.Image":
        page_objects.set_active(texts, active=False)
        try:
            return self._drawn()
        finally:
            page_objects.set_active(texts, active=True)

    def _drawn(self) -> "Image.Image":
        from PIL import Image  # noqa: PLC0415 - as above

        size = self._width, self._height
        bitmap = pdfium.FPDFBitmap_Create(*size, 0)
        if not bitmap:
            raise MemoryError
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, *size, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, self._page, 0, 0, *size, 0, 0)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * self._height)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
        return Image.frombytes("RGB", size, pixels, "raw", "BGRX", stride, 1)

    def _pixels(self, sides: Sides) -> tuple[int, int, int, int]:
        """Where they lie in the picture: left, top, right, bottom."""
        left, bottom, right, top = sides
        corners = [self._pixel(x, y) for x in (left, right) for y in (bottom, top)]
        xs, ys = zip(*corners, strict=True)
        return max(min(xs), 0), max(min(ys), 0), min(max(xs) + 1, self._width), min(max(ys) + 1, self._height)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        column, row = ctypes.c_int(), ctypes.c_int()
        size = self._width, self._height
        pdfium.FPDF_PageToDevice(self._page, 0, 0, *size, 0, x, y, ctypes.byref(column), ctypes.byref(row))
        return column.value, row.value
