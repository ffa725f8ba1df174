"""One good file for each format. A new parser gets an entry here, and with it the whole contract suite."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import docx
import openpyxl
import pptx

from core.filters import SHORT_TYPES
from ingest.packages import SHEETS, SLIDES, WORD
from tests.ingest.packages import open_document
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.ingest.scan_files import picture_of, sheet


@dataclass(frozen=True, slots=True)
class Example:
    """A file that its parser reads: its usual name, its bytes, and `words` that stand at `place`."""

    name: str
    media_type: str
    make: Callable[[], bytes]
    words: str
    place: str = ""
    needs_whole: bool = False  # a part of the file is no document any more
    named: bool = False  # only its name tells it from plain text
    scanned: bool = False  # its words stand in a picture, and the parser does not read them


def _pdf() -> bytes:
    return pdf(Sheet(lines("The rent is due monthly.", "It is 900 euros.")))


def _text() -> bytes:
    return b"RENT\n\nThe rent is due monthly.\n\fOn the second page more words.\n"


def _docx() -> bytes:
    document = docx.Document()
    document.add_heading("Rent", 1)
    document.add_paragraph("The rent is due monthly.")
    table = document.add_table(2, 2)
    for number, text in enumerate(("Room", "Rent", "Kitchen", "900")):
        table.cell(number // 2, number % 2).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _pptx() -> bytes:
    presentation = pptx.Presentation()
    for title in ("First", "Rent"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text_frame.text = f"{title} is due monthly."
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def _html() -> bytes:
    return (
        b"<!DOCTYPE html><title>A lease</title><h1>Rent</h1><p>The rent is due monthly.</p>"
        b"<table><tr><th>Room<th>Rent<tr><td>Kitchen<td>900</table>"
    )


def _markdown() -> bytes:
    return b"# Rent\n\nThe rent is due *monthly*.\n\n| Room | Rent |\n|---|---|\n| Kitchen | 900 |\n"


def _picture(kind: str) -> Callable[[], bytes]:
    def make() -> bytes:
        buffer = io.BytesIO()
        picture_of(sheet(["The rent is due monthly."]), 100).save(buffer, kind, dpi=(100, 100))
        return buffer.getvalue()

    return make


def _odt() -> bytes:
    return open_document("text", "<text:h>Rent</text:h><text:p>The rent is due monthly.</text:p>")


def _odp() -> bytes:
    slide = "<draw:page><draw:frame><text:p>Due monthly</text:p></draw:frame></draw:page>"
    return open_document("presentation", f"<draw:page/>{slide}")


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    rooms = book.create_sheet("Rooms", 0)
    for row in (("Room", "Rent"), ("Kitchen", 900), ("Bath", 300)):
        rooms.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _csv() -> bytes:
    return b"Room;Rent\r\nKitchen;900\r\nBath;300\r\n"


def _eml() -> bytes:
    return (
        b"From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: The lease\r\nMIME-Version: 1.0\r\n\r\n"
        b"Dear Bob,\r\n\r\nThe rent is due monthly.\r\n"
    )


def _ods() -> bytes:
    rows = (("Room", "Rent"), ("Kitchen", "900"), ("Bath", "300"))
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    told = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows)
    return open_document(
        "spreadsheet", f'<table:table table:name="Empty"/><table:table table:name="R">{told}</table:table>'
    )


EXAMPLES = (
    Example("lease.ods", SHORT_TYPES["ods"], _ods, "Room: Kitchen | Rent: 900", "A2:B2", needs_whole=True),
    Example("lease.eml", "message/rfc822", _eml, "The rent is due monthly."),
    Example("lease.pdf", "application/pdf", _pdf, "The rent is due monthly."),
    Example("lease.txt", "text/plain", _text, "The rent is due monthly."),
    Example("lease.docx", WORD, _docx, "Room: Kitchen | Rent: 900", "Rent › Table 1 › row 2", needs_whole=True),
    Example("lease.pptx", SLIDES, _pptx, "Rent is due monthly.", "Rent", needs_whole=True),
    Example("lease.xlsx", SHEETS, _xlsx, "Room: Kitchen | Rent: 900", "A2:B2", needs_whole=True),
    Example("lease.csv", "text/csv", _csv, "Room: Kitchen | Rent: 900", "row 2", named=True),
    Example("lease.odt", SHORT_TYPES["odt"], _odt, "The rent is due monthly.", "Rent", needs_whole=True),
    Example("lease.odp", SHORT_TYPES["odp"], _odp, "Due monthly", needs_whole=True),
    Example("lease.html", "text/html", _html, "Room: Kitchen | Rent: 900", "Rent › Table 1 › row 2"),
    Example("lease.md", "text/markdown", _markdown, "Room: Kitchen | Rent: 900", "Rent › Table 1 › row 2", named=True),
    *(
        Example(f"lease.{kind}", f"image/{kind}", _picture(kind), "The rent is due monthly.", scanned=True)
        for kind in ("png", "jpeg", "tiff", "webp")
    ),
)
