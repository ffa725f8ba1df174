"""Pictures of pages, drawn by the children."""

import io

import pytest
from PIL import Image

from core.errors import NoPageImage, ParserLimit
from core.settings import Settings
from ingest.children import ParserPool
from tests.ingest.conftest import Written
from tests.ingest.pdfs import Sheet, Text, lines, pdf

PAGE = Sheet([Text("Words", left=100, top=100, size=20)], width=300, height=200)


def picture(png: bytes) -> Image.Image:
    """The picture in the bytes."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_the_box_of_a_line_is_marked_and_its_letters_stay(pool: ParserPool, written: Written) -> None:
    path = written("a.pdf", pdf(PAGE))
    _, document = pool.parse(path, "a.pdf", lambda _: None)
    box = document.pages[0].lines[0].box
    assert box is not None

    plain, marked = picture(pool.render(path, 1)), picture(pool.render(path, 1, [box]))

    assert plain.size == marked.size == (600, 400)
    inside = (int(box.left * 2) + 1, int(box.top * 2) + 1)
    assert plain.getpixel(inside) == (255, 255, 255)
    assert marked.getpixel(inside) == (255, 235, 120)
    assert marked.getpixel((20, 20)) == (255, 255, 255)
    dark = [x for x in range(600) for y in (190,) if sum(marked.getpixel((x, y)) or ()) < 100]  # type: ignore[arg-type]
    assert dark


def test_quoted_words_are_marked_more_strongly_than_what_surrounds_them(pool: ParserPool, written: Written) -> None:
    path = written("a.pdf", pdf(Sheet(lines("First line", "Second line"), width=300, height=200)))
    _, document = pool.parse(path, "a.pdf", lambda _: None)
    first, second = (line.box for line in document.pages[0].lines)
    assert first is not None and second is not None
    corners = [(int(box.left * 2) + 1, int(box.top * 2) + 1) for box in (first, second)]

    marked = picture(pool.render(path, 1, [first, second], "second LINE"))
    unfound = picture(pool.render(path, 1, [first, second], "third line"))

    assert [marked.getpixel(corner) for corner in corners] == [(255, 248, 214), (255, 235, 120)]
    assert [unfound.getpixel(corner) for corner in corners] == [(255, 235, 120)] * 2


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_marks_follow_rotation(rotate: int, pool: ParserPool, written: Written) -> None:
    path = written("a.pdf", pdf(Sheet(PAGE.texts, 300, 200, rotate, crop=(50, 20, 280, 190))))
    _, document = pool.parse(path, "a.pdf", lambda _: None)
    box = document.pages[0].lines[0].box
    assert box is not None

    plain = picture(pool.render(path, 1))

    left, top, right, bottom = (round(side * 2) for side in (box.left, box.top, box.right, box.bottom))
    ink = plain.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    assert left - 3 <= ink[0] < ink[2] <= right + 3
    assert top - 3 <= ink[1] < ink[3] <= bottom + 3


def test_large_pages_get_small_pictures_and_enormous_ones_none(settings: Settings, written: Written) -> None:
    pool = ParserPool(settings.model_copy(update={"max_image_pixels": 10_000}), children=1)

    small = picture(pool.render(written("a.pdf", pdf(PAGE)), 1))
    assert 8_000 < small.width * small.height <= 10_000
    with pytest.raises(ParserLimit, match="too large"):
        pool.render(written("b.pdf", pdf(Sheet(width=9000, height=9000))), 1)
    pool.close()


@pytest.mark.parametrize("page", [0, 2, 1000])
def test_no_such_page(page: int, pool: ParserPool, written: Written) -> None:
    with pytest.raises(NoPageImage, match="no page"):
        pool.render(written("a.pdf", pdf(PAGE)), page)
