"""Reading PDFs: text and places as displayed, and a typed end for every kind of trouble."""

from pathlib import Path

import pytest

from core.errors import CorruptDocument, EmptyDocument, ParserLimit, PasswordRequired
from core.values import Box, Page
from ingest.parsers import Limits
from ingest.parsers.pdf import PARSER, PdfDocument
from tests.ingest.conftest import Written
from tests.ingest.pdfs import Sheet, Text, encrypted, lines, pdf, with_outline

LIMITS = Limits(max_pages=50, max_text_chars=10_000, max_image_pixels=1_000_000)
TABLE = Sheet(
    [
        Text("Cash flows", top=72, bold=True),
        Text("Purchases of property, plant and equipment", top=90),
        Text("(1,577)", left=400, top=90),
        Text("(1,373)", left=480, top=90),
        Text("Other - net, with words enough to be body text", top=104),
        Text("9", left=420, top=104),
    ]
)


def opened(path: Path, limits: Limits = LIMITS) -> PdfDocument:
    """The PDF at that path."""
    return PARSER.open(path, limits)


def pages_of(document: PdfDocument) -> list[Page]:
    """All its pages."""
    return document.read(1, document.page_count, lambda _: None)


def texts(page: Page) -> list[str]:
    """The page's lines."""
    return [page.text[line.start : line.end] for line in page.lines]


def assert_near(box: Box | None, left: float, top: float) -> None:
    """The box starts there, give or take a line's height."""
    assert box is not None
    assert abs(box.left - left) < 2
    assert box.top < top < box.bottom + 2


def test_rows_headings_and_boxes(written: Written) -> None:
    document = opened(written("a.pdf", pdf(TABLE, title="Report")))

    (page,) = pages_of(document)

    assert document.title == "Report"
    assert texts(page) == [
        "Cash flows",
        "Purchases of property, plant and equipment (1,577) (1,373)",
        "Other - net, with words enough to be body text 9",
    ]
    assert [line.heading for line in page.lines] == [True, False, False]
    assert (page.width, page.height) == (612, 792)
    assert_near(page.lines[1].box, 72, 90)
    assert document.warnings == ()


@pytest.mark.parametrize(
    ("rotate", "size", "left", "top"),
    [(0, (400, 300), 50, 40), (90, (300, 400), 260, 50), (180, (400, 300), 350, 260), (270, (300, 400), 40, 350)],
)
def test_boxes_are_where_the_page_shows_them(
    rotate: int, size: tuple[float, float], left: float, top: float, written: Written
) -> None:
    sheet = Sheet([Text("X", left=150, top=140)], 600, 500, rotate, crop=(100, 100, 500, 400))
    (page,) = pages_of(opened(written("a.pdf", pdf(sheet))))

    box = page.lines[0].box

    assert (page.width, page.height) == size
    assert box is not None
    assert box.left - 12 < left < box.right + 12
    assert box.top - 12 < top < box.bottom + 12


def test_an_outline_names_headings(written: Written) -> None:
    data = pdf(Sheet(lines("some words that are in the outline", "and body text below it, quite long, in fact.")))

    (page,) = pages_of(opened(written("a.pdf", with_outline(data, "Some words that are in the outline"))))

    assert [line.heading for line in page.lines] == [True, False]


def test_pages_without_text_are_kept_and_portions_agree_with_the_whole(written: Written) -> None:
    document = opened(written("a.pdf", pdf(Sheet(lines("one")), Sheet(), Sheet(lines("three")))))

    assert [page.text for page in pages_of(document)] == ["one", "", "three"]
    assert [page.number for page in document.read(2, 3, lambda _: None)] == [2, 3]


def test_progress_counts_pages(written: Written) -> None:
    counts: list[int] = []

    opened(written("a.pdf", pdf(Sheet(), Sheet(), Sheet()))).read(2, 3, counts.append)

    assert counts == [1, 2]


def test_an_empty_password_opens_and_any_other_is_asked_for(written: Written) -> None:
    assert pages_of(opened(written("open.pdf", encrypted(pdf(TABLE), ""))))[0].text
    with pytest.raises(PasswordRequired, match="password"):
        opened(written("shut.pdf", encrypted(pdf(TABLE), "secret")))


def test_what_pdfium_cannot_open_is_read_by_pypdf(written: Written) -> None:
    document = opened(written("a.pdf", pdf(Sheet(lines("Still here", "and here"))).replace(b"/Root 1 0 R", b"")))

    (page,) = pages_of(document)

    assert page.text == "Still here\nand here"
    assert (page.width, page.height) == (612, 792)
    assert document.warnings == ("damaged", "fallback_parser")


def test_a_lost_table_of_objects_is_rebuilt_with_a_warning(written: Written) -> None:
    document = opened(written("a.pdf", pdf(TABLE).replace(b"startxref\n", b"startxref\n9")))

    assert len(texts(pages_of(document)[0])) == 3
    assert document.warnings == ("damaged",)


@pytest.mark.parametrize("data", [pdf(TABLE)[:400], b"%PDF-1.7\nnothing", b"\x00\xff" * 500])
def test_damage_beyond_repair(data: bytes, written: Written) -> None:
    with pytest.raises(CorruptDocument, match="damaged"):
        opened(written("a.pdf", data))


def test_no_pages(written: Written) -> None:
    with pytest.raises(EmptyDocument, match="no pages"):
        opened(written("a.pdf", pdf()))


def test_limits(written: Written) -> None:
    path = written("a.pdf", pdf(TABLE, TABLE, TABLE))

    with pytest.raises(ParserLimit, match=r"3 pages.*ARCHIVAR_MAX_PAGES"):
        opened(path, Limits(2, 10_000, 1))
    with pytest.raises(ParserLimit, match="ARCHIVAR_MAX_TEXT_CHARS"):
        pages_of(opened(path, Limits(5, 100, 1)))
