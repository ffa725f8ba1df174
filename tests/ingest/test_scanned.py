"""Which pages need eyes."""

import ctypes

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from ingest.scanned import needs_eyes
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.ingest.scan_files import ENGLISH, picture_of, scan_pdf, sheet, stamped

SCAN = scan_pdf(picture_of(sheet(ENGLISH), 72), dpi=72)


def asked(data: bytes, text: str | None = None) -> bool:
    """Whether the first page needs eyes; its text is what PDFium finds unless another is given."""
    document = pypdfium2.PdfDocument(data)
    page = document[0]
    found = page.get_textpage().get_text_range() if text is None else text
    width, height = page.get_size()
    try:
        return needs_eyes(page.raw, found, width * height)
    finally:
        document.close()


def with_outlines(count: int) -> bytes:
    """A page with so many shapes and no text."""
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(300, 300)
    for number in range(count):
        shape = pdfium.FPDFPageObj_CreateNewRect(ctypes.c_float(number), ctypes.c_float(10), 1, 8)
        pdfium.FPDFPath_SetDrawMode(shape, pdfium.FPDF_FILLMODE_WINDING, 0)
        pdfium.FPDFPage_InsertObject(page.raw, shape)
    page.gen_content()
    return saved(document)


def saved(document: pypdfium2.PdfDocument) -> bytes:
    """Its bytes."""
    import io

    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_pages_that_only_show_their_words() -> None:
    assert asked(SCAN)
    assert asked(stamped(SCAN, "Archive 2024, sheet 17"))
    assert asked(with_outlines(60))


def test_pages_whose_words_can_be_taken() -> None:
    assert not asked(pdf(Sheet(lines(*ENGLISH))))
    assert not asked(pdf(Sheet()))
    assert not asked(pdf(Sheet(lines("17"))))
    assert not asked(with_outlines(3))


def test_a_full_page_of_text_over_a_picture_is_left_alone() -> None:
    over = stamped(SCAN, "A slide with words of its own over a picture. " * 4)

    assert not asked(over)


def test_a_small_picture_beside_a_few_words_is_decoration() -> None:
    logo = Image.new("RGB", (60, 60), "navy")
    page = Image.new("RGB", (612, 792), "white")
    page.paste(logo, (20, 20))
    document = pypdfium2.PdfDocument(pdf(Sheet(lines("Chapter 2"))))
    image = pypdfium2.PdfImage.new(document)
    image.set_bitmap(pypdfium2.PdfBitmap.from_pil(logo))
    image.set_matrix(pypdfium2.PdfMatrix().scale(60, 60))
    first = document[0]
    first.insert_obj(image)
    first.gen_content()

    assert not asked(saved(document))


@pytest.mark.parametrize(
    "text",
    [
        "\x01\x1b\x13\x14 \x0f\x1f\x07\x05\x10\x11\x12\x13\x14\x15" * 4,
        "\ue012\ue034\ue077 \ue055\ue011" * 10,
        "\ufffd\ufffd\ufffd \ufffd\ufffd" * 10,
    ],
)
def test_text_whose_characters_mean_nothing(text: str) -> None:
    page = pdf(Sheet(lines(*ENGLISH)))

    assert asked(page, text)
    assert not asked(page, " ".join(ENGLISH))


def test_specks_that_an_older_program_took_for_words() -> None:
    specks = ". , ' ~ ^ - | l ; : . _ " * 20

    assert asked(SCAN, specks)
    assert not asked(SCAN, "Total 1,234 5,678 (9,012) 3.4 % " * 10)


def test_other_scripts_are_no_garbage() -> None:
    page = pdf(Sheet(lines(*ENGLISH)))

    for text in (
        "Договор аренды склада в Роттердаме ",
        "東京都の倉庫は四千枚のパレットを収容する",
        "مستودع في روتردام ",
    ):
        assert not asked(page, text * 9)
