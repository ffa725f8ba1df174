"""Picture files: how many frames they have, how large these are, and the frames themselves, upright and in colour.

Sizes are looked at before anything is unpacked. Runs in the parser and the scan child only.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from core.errors import CorruptDocument, ParserLimit

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")  # Pillow is told to try no other
_BAD = (OSError, SyntaxError, ValueError, EOFError, OverflowError, KeyError, IndexError, TypeError, ArithmeticError)
_SHORT, _LONG = 595.0, 842.0  # A4 in points: what a picture is taken for that does not say how large it is
_SCREEN = 0.75  # points for each pixel of a screen
_LEAST_DPI, _MOST_DPI = 90.0, 1300.0  # cameras write 72 and mean nothing by it
_LONGEST = 10_000  # pixels of a side; what recognises words cannot take 32,768
_LARGEST_SIDE = 1440.0  # points: 20 inches
_OPAQUE = frozenset({"1", "L", "RGB", "CMYK", "YCbCr", "LAB", "HSV"})
_DEEP = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N", "F"})
_DAMAGED = "The picture is damaged or incomplete and cannot be opened. Upload an intact copy."

# Sizes are checked here against our own limit; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None


class PictureFile:
    """An open picture. Only TIFF files have more than one page: what else moves is an animation.

    Raises `CorruptDocument`, and `ParserLimit` where a frame has more pixels than `max_pixels`.
    """

    def __init__(self, path: Path, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        with _translated():
            self._image = Image.open(path, formats=_FORMATS)
            self._check()

    def frames(self, most: int) -> int:
        """How many pages there are; counting ends beyond `most`."""
        count = 1
        if self._image.format == "TIFF":
            with _translated():
                while count <= most and self._seek(count):
                    count += 1
                self._image.seek(0)
        return count

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of page `number` (from 1) in points, as it is displayed."""
        with _translated():
            self._seek(number - 1)
            return _points(self._image)

    def unpack(self, number: int) -> None:
        """Make sure that page `number` (from 1) can be unpacked."""
        with _translated():
            if not self._seek(number - 1):
                raise CorruptDocument(_DAMAGED)
            self._check()
            self._image.load()

    def draw(self, number: int, scale: float, max_pixels: int) -> tuple[Image.Image, float]:
        """Page `number` (from 1) as it is displayed, in colour, and its scale in pixels a point.

        That is less than `scale` where the file has no more, or where it would be too many pixels.
        """
        width, height = self.size(number)
        with _translated():
            turned = _is_turned(self._image)
            across, down = self._image.size[::-1] if turned else self._image.size
            native = max(across / width, down / height)
            scale = min(scale, native, *_bounds(width, height, max_pixels))
            size = max(1, round(width * scale)), max(1, round(height * scale))
            self._check()
            if self._image.format == "JPEG":
                self._image.draft(None, size[::-1] if turned else size)  # unpacks no more than that needs
            self._image.load()
            image = _resized(self._image, size[::-1] if turned else size)
            return _in_colour(ImageOps.exif_transpose(image)), scale

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def _seek(self, frame: int) -> bool:
        try:
            self._image.seek(frame)
        except EOFError:
            return False
        return True

    def _check(self) -> None:
        width, height = self._image.size
        if width < 1 or height < 1:
            raise CorruptDocument(_DAMAGED)
        if width * height > self._max_pixels:
            raise ParserLimit(
                f"The picture has {width * height:,} pixels and at most {self._max_pixels:,} are read. "
                "Save it smaller, or ask the operator to raise ARCHIVAR_MAX_IMAGE_PIXELS."
            )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _BAD as error:
        raise CorruptDocument(_DAMAGED) from error


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    found = image.info.get("dpi")
    if not isinstance(found, tuple) or len(found) != 2:
        return None
    across, down = float(found[0]), float(found[1])
    plausible = all(math.isfinite(one) and _LEAST_DPI <= one <= _MOST_DPI for one in (across, down))
    return (across, down) if plausible else None


def _points(image: Image.Image) -> tuple[float, float]:
    width, height = (float(side) for side in image.size)
    dpi = _dpi(image)
    if dpi is not None:
        width, height = width / dpi[0] * 72, height / dpi[1] * 72
    if dpi is None or max(width, height) > _LARGEST_SIDE:
        # As large as a sheet of paper; a long strip as wide as one.
        scale = max(_LONG / max(width, height), _SHORT / min(width, height))
        scale = min(scale, _SCREEN) if dpi is None else scale
        width, height = width * scale, height * scale
    return (height, width) if _is_turned(image) else (width, height)


def _is_turned(image: Image.Image) -> bool:
    # EXIF 2.3, orientation: width and height change places. Of TIFF files Pillow sees to that by itself.
    return image.format != "TIFF" and image.getexif().get(0x0112, 1) in {5, 6, 7, 8}


def _bounds(width: float, height: float, max_pixels: int) -> tuple[float, float]:
    return math.sqrt(max_pixels / (width * height)), _LONGEST / max(width, height)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """In that size, with its pixels square: those of a fax are twice as high as wide."""
    if image.size == size:
        return image
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode in {"P", "PA"}:
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    elif image.mode in _DEEP:
        image = image.convert("F")
    exif = image.getexif()
    smaller = image.resize(size, Image.Resampling.BOX)
    smaller.info["exif"] = exif.tobytes()
    return smaller


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode in _DEEP:
        lowest, highest = image.getextrema()
        assert isinstance(lowest, float | int) and isinstance(highest, float | int)
        scale = 255 / (highest - lowest) if highest > lowest else 0.0
        return image.convert("F").point(lambda value: value * scale - lowest * scale).convert("L").convert("RGB")
    if image.mode in _OPAQUE and "transparency" not in image.info:
        return image.convert("RGB")
    # Nothing shows through a sheet of paper but white.
    over = image.convert("RGBA")
    paper = Image.new("RGBA", over.size, "white")
    return Image.alpha_composite(paper, over).convert("RGB")
