"""Scanned pages of documents, read by real scan children."""

import io
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from core.errors import ParserLimit, Unavailable
from core.settings import Settings, load_settings
from core.values import Page, Progress
from ingest.children import ParserPool
from tests.ingest.conftest import Written
from tests.ingest.pdfs import Sheet, Text, lines, pdf
from tests.ingest.scan_files import DPI, ENGLISH, GERMAN, joined, picture_of, scan_pdf, sheet, with_models
from tests.processes import alive, eventually, kill, parser_children

SCAN = scan_pdf(picture_of(sheet(GERMAN)))
MIXED = joined(pdf(Sheet(lines("A page of text."))), SCAN, pdf(Sheet()), scan_pdf(picture_of(sheet(ENGLISH))))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParserPool]:
    """Children for all tests that only read: to load the models takes longer than a page."""
    # A second thread takes more of the processors than it saves time.
    opened = ParserPool(load_settings(data=tmp_path_factory.mktemp("scans"), ocr_threads=1))
    yield opened
    opened.close()


def ignore(_: Progress) -> None:
    """Take progress and do nothing."""


@pytest.fixture(autouse=True)
def others() -> Iterator[None]:
    """Leaves out the children that other tests of this process still keep."""
    _others.update(parser_children(os.getpid()))
    yield
    _others.clear()


_others: set[int] = set()


def scan_children() -> list[int]:
    """The children of this process that read scans, those of other tests aside."""
    return [pid for pid in parser_children(os.getpid()) if pid not in _others and with_models(pid)]


def test_only_the_pages_that_need_it_are_read_so(shared: ParserPool, written: Written) -> None:
    seen: list[Progress] = []

    _, document = shared.parse(written("mixed.pdf", MIXED), "mixed.pdf", seen.append)

    texts = [page.text for page in document.pages]
    assert texts[0] == "A page of text."
    assert texts[1].splitlines() == list(GERMAN)
    assert texts[2] == ""
    assert texts[3].splitlines() == list(ENGLISH)
    assert [page.confidence is not None for page in document.pages] == [False, True, False, True]
    assert document.warnings == ("no_text",)
    assert [step for step in seen if step.stage == "recognising"] == [Progress("recognising", n, 2) for n in range(3)]


def test_marks_lie_on_the_words(shared: ParserPool, written: Written) -> None:
    _, document = shared.parse(written("scan.pdf", SCAN), "scan.pdf", ignore)

    page: Page = document.pages[0]
    assert (page.width, page.height) == pytest.approx((612, 792), abs=1)
    first, second = (line.box for line in page.lines[:2])
    assert first is not None and second is not None
    assert first.left == pytest.approx(72, abs=3)
    assert first.top < 72 - 3 < first.bottom < second.bottom  # its baseline lies 72 points below the edge


def test_ordinary_documents_start_nothing_of_it(pool: ParserPool, written: Written) -> None:
    pool.parse(written("a.pdf", pdf(Sheet(lines("text")), Sheet())), "a.pdf", ignore)

    assert parser_children(os.getpid())
    assert scan_children() == []


def test_it_can_be_switched_off(settings: Settings, written: Written) -> None:
    pool = ParserPool(settings.model_copy(update={"ocr": False}))

    _, document = pool.parse(written("scan.pdf", SCAN), "scan.pdf", ignore)

    assert (document.pages[0].text, document.warnings) == ("", ("no_text",))
    pool.close()


def test_a_page_that_takes_too_long_is_named_and_the_rest_stays(settings: Settings, written: Written) -> None:
    pool = ParserPool(settings.model_copy(update={"ocr_seconds": 3}))
    ended = threading.Event()

    def stop_each() -> None:
        while not ended.wait(0.01):
            for child in scan_children():
                os.kill(child, signal.SIGSTOP)

    with ThreadPoolExecutor(1) as stopping:
        stopping.submit(stop_each)
        _, document = pool.parse(written("mixed.pdf", MIXED), "mixed.pdf", ignore)
        ended.set()

    assert document.pages[0].text == "A page of text."
    assert [page.text for page in document.pages[1:]] == ["", "", ""]
    assert document.warnings == ("ocr_failed:2,4", "no_text")
    pool.close()


def test_a_child_that_is_killed_is_replaced(pool: ParserPool, written: Written) -> None:
    path = written("scan.pdf", SCAN)
    pool.parse(path, "scan.pdf", ignore)
    (child,) = scan_children()
    kill(child)

    _, document = pool.parse(path, "scan.pdf", ignore)

    assert document.pages[0].text.splitlines() == list(GERMAN)
    assert not alive(child)


def test_too_little_memory_fails_the_page_and_not_the_document(settings: Settings, written: Written) -> None:
    pool = ParserPool(settings.model_copy(update={"ocr_memory_mb": 512}))

    _, document = pool.parse(written("scan.pdf", SCAN), "scan.pdf", ignore)

    assert document.warnings == ("ocr_failed:1", "no_text")
    pool.close()


def test_the_limit_of_text_holds_for_what_is_read_so(settings: Settings, written: Written) -> None:
    pool = ParserPool(settings.model_copy(update={"max_text_chars": 100}))

    with pytest.raises(ParserLimit, match="100 characters"):
        pool.parse(written("scan.pdf", SCAN), "scan.pdf", ignore)
    pool.close()


def test_what_on_progress_raises_ends_it(shared: ParserPool, written: Written) -> None:
    class Lost(Exception):
        pass

    def lose(progress: Progress) -> None:
        if progress.stage == "recognising" and progress.done:
            raise Lost

    with pytest.raises(Lost):
        shared.parse(written("mixed.pdf", MIXED), "mixed.pdf", lose)


def test_closing_ends_what_is_being_read(settings: Settings, written: Written) -> None:
    pool = ParserPool(settings)
    closed: list[bool] = []

    def close_at(progress: Progress) -> None:
        if progress.stage == "recognising" and not closed:
            closed.append(True)
            closing.submit(pool.close)

    with ThreadPoolExecutor(1) as closing:
        with pytest.raises(Unavailable):
            pool.parse(written("mixed.pdf", MIXED), "mixed.pdf", close_at)

    assert _others.issuperset(parser_children(os.getpid()))


def test_documents_take_turns(pool: ParserPool, written: Written) -> None:
    long = written("long.pdf", scan_pdf(*[picture_of(sheet(ENGLISH), 100)] * 3, dpi=100))
    short = written("short.pdf", SCAN)
    done: list[str] = []

    def read(path: Path) -> Callable[[], None]:
        def to_the_end() -> None:
            pool.parse(path, path.name, ignore)
            done.append(path.name)

        return to_the_end

    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(read(long))
        eventually(scan_children)
        second = callers.submit(read(short))
        first.result()
        second.result()

    assert done == ["short.pdf", "long.pdf"]


def test_each_frame_of_a_picture_file_is_a_page(shared: ParserPool, written: Written) -> None:
    frames = [picture_of(sheet(texts)) for texts in (ENGLISH, GERMAN)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], dpi=(DPI, DPI))

    media_type, document = shared.parse(written("two.tif", out.getvalue()), "two.tif", ignore)

    assert media_type == "image/tiff"
    assert [page.text.splitlines() for page in document.pages] == [list(ENGLISH), list(GERMAN)]
    assert document.warnings == ()


def test_a_photograph_taken_from_the_side(shared: ParserPool, written: Written) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera says that it has to be turned to the right
    out = io.BytesIO()
    picture_of(sheet(ENGLISH)).rotate(90, expand=True).save(out, "JPEG", exif=exif)
    path = written("photo.jpg", out.getvalue())

    _, document = shared.parse(path, "photo.jpg", ignore)

    (page,) = document.pages
    assert page.text.splitlines() == list(ENGLISH)
    assert page.width < page.height
    first = page.lines[0].box
    assert first is not None
    assert first.left < first.right < page.width and first.top < 0.15 * page.height
    shown = Image.open(io.BytesIO(shared.render(path, 1, [first]))).convert("RGB")
    scale = shown.width / page.width
    marked = shown.getpixel((int((first.left + 1) * scale), int((first.top + 1) * scale)))
    assert marked == (255, 235, 120)


def test_a_damaged_frame_does_not_spoil_the_others(shared: ParserPool, written: Written) -> None:
    frames = [picture_of(sheet(texts)) for texts in (ENGLISH, GERMAN)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_deflate")
    data = bytearray(out.getvalue())
    data[12:60] = bytes(48)  # within the first frame's pixels

    _, document = shared.parse(written("two.tiff", bytes(data)), "two.tiff", ignore)

    assert document.pages[0].text == ""
    assert document.pages[1].text.splitlines() == list(GERMAN)
    assert document.warnings == ("damaged", "no_text")


def test_a_page_that_is_hard_to_read_is_pointed_out(shared: ParserPool, written: Written) -> None:
    texts = [Text("Warehouses", size=28), *(Text(one, top=120 + 16 * n) for n, one in enumerate(ENGLISH * 2))]
    clear, coarse = picture_of(Sheet(texts)), picture_of(Sheet(texts), 30)
    scan = scan_pdf(clear, coarse.resize(clear.size, Image.Resampling.BILINEAR))

    _, document = shared.parse(written("scan.pdf", scan), "scan.pdf", ignore)

    first, second = (page.confidence for page in document.pages)
    assert first is not None and second is not None and first > second
    assert document.warnings == ("poor_scan:2",)
