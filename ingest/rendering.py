"""Pictures of pages, of PDFs and picture files, with boxes marked. Runs in the parser and the scan child only."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from core.errors import CorruptDocument, NoPageImage, ParserLimit, PasswordRequired, UnreadableDocument
from core.values import Box, Page
from ingest.layout import lay_out
from ingest.media import choose_parser
from ingest.pdfium import PdfiumFile
from ingest.pictures import PictureFile
from ingest.quoted import lines_with

_Colour = tuple[int, int, int]
_SCALE = 2.0  # pixels for each point: 144 dpi, sharp on most screens
_MOST_DRAWN = 20_000_000  # pixels; five times a page of letter paper at 200 dpi: a poster is drawn in less detail
_LEAST_SCALE = 0.1  # a smaller picture could not be read
_MARK = (255, 235, 120)
_AROUND = (255, 248, 214)  # what surrounds the words that matter
_MARGIN = 1.5  # points around a box, so that the mark does not touch the letters


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked as by a yellow pen: boxes; paler where it is known in which lines the words that matter stand.

    These are `lines`, or else those in which the text of the page has `quote`.
    """

    boxes: Sequence[Box] = ()
    quote: str = ""
    lines: Sequence[Box] = ()


def render_page(path: Path, page: int, max_pixels: int, marks: Marks) -> bytes:
    """The page (from 1) as PNG, with what is to be marked.

    Raises `NoPageImage` where there is no such page or no PDF, `ParserLimit` when even a small picture were too large.
    """
    picture, scale = draw(path, page, _SCALE, max_pixels)
    if marks.boxes:
        lines = marks.lines or _quoted_lines(path, page, marks)
        layers = [(marks.boxes, _AROUND), (lines, _MARK)] if lines else [(marks.boxes, _MARK)]
        picture = ImageChops.multiply(picture, _marked(picture.size, layers, scale))
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=3)
    return png.getvalue()


def draw(path: Path, page: int, scale: float, max_pixels: int) -> tuple[Image.Image, float]:
    """The page (from 1) at `scale` pixels a point, or fewer where that were too many pixels, and the scale that it has.

    Raises as `render_page` does, and `CorruptDocument` for a damaged picture.
    """
    if _is_picture(path):
        return _drawn_picture(path, page, scale, max_pixels)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise NoPageImage("There is no picture of this page: the file is no PDF that can be drawn.") from error
    try:
        return _drawn(document, page, scale, max_pixels)
    finally:
        document.close()


def _is_picture(path: Path) -> bool:
    try:
        return choose_parser(path, "")[0].media_type.startswith("image/")
    except UnreadableDocument:  # a damaged PDF, known as one by its name only
        return False


def _drawn_picture(path: Path, page: int, scale: float, max_pixels: int) -> tuple[Image.Image, float]:
    file = PictureFile(path, max_pixels)
    try:
        return file.draw(page, scale, min(max_pixels, _MOST_DRAWN))
    finally:
        file.close()


def _drawn(document: pypdfium2.PdfDocument, page: int, scale: float, max_pixels: int) -> tuple[Image.Image, float]:
    if not 1 <= page <= len(document):
        raise NoPageImage(f"There is no page {page}: the document has {len(document)}.")
    document.init_forms()
    try:
        drawn = document[page - 1]
        width, height = drawn.get_size()
        scale = min(scale, _largest_scale(width, height, min(max_pixels, _MOST_DRAWN)))
        if scale < _LEAST_SCALE:
            raise ParserLimit("The page is too large for a picture. Download the document to see it.")
        bitmap = drawn.render(scale=scale)
    except pypdfium2.PdfiumError as error:
        raise NoPageImage("There is no picture of this page: it is damaged and cannot be drawn.") from error
    picture: Image.Image = bitmap.to_pil().convert("RGB")
    return picture, scale


def _largest_scale(width: float, height: float, max_pixels: int) -> float:
    """The scale at which the picture just stays within `max_pixels`, its sides rounded up."""
    # The larger root of (width * scale + 1) * (height * scale + 1) = max_pixels.
    around, area = width + height, max(width * height, 1.0)
    return (math.sqrt(around**2 + 4 * area * (max_pixels - 1)) - around) / (2 * area)


def _marked(size: tuple[int, int], layers: Sequence[tuple[Sequence[Box], _Colour]], scale: float) -> Image.Image:
    marks = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(marks)
    for boxes, colour in layers:
        for box in boxes:
            left, top = (box.left - _MARGIN) * scale, (box.top - _MARGIN) * scale
            right, bottom = (box.right + _MARGIN) * scale, (box.bottom + _MARGIN) * scale
            if right > left and bottom > top:
                pen.rectangle((left, top, right, bottom), fill=colour)
    return marks


def _quoted_lines(path: Path, number: int, marks: Marks) -> list[Box]:
    page = _read(path, number) if marks.quote else None
    return lines_with(page, marks.quote, marks.boxes) if page is not None else []


def _read(path: Path, number: int) -> Page | None:
    try:
        file = PdfiumFile(path)
    except (CorruptDocument, PasswordRequired):
        return None
    try:
        raw = file.read_page(number, lambda _: None)
    finally:
        file.close()
    return lay_out([raw])[0] if raw is not None else None
