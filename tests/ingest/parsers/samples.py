"""One good file for each format. A new parser gets an entry here, and with it the whole contract suite."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import docx

from ingest.packages import WORD
from tests.ingest.pdfs import Sheet, lines, pdf


@dataclass(frozen=True, slots=True)
class Example:
    """A file that its parser reads: its usual name, its bytes, and `words` that stand at `place`."""

    name: str
    media_type: str
    make: Callable[[], bytes]
    words: str
    place: str = ""
    needs_whole: bool = False  # a part of the file is no document any more


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


EXAMPLES = (
    Example("lease.pdf", "application/pdf", _pdf, "The rent is due monthly."),
    Example("lease.txt", "text/plain", _text, "The rent is due monthly."),
    Example("lease.docx", WORD, _docx, "Room: Kitchen | Rent: 900", "Rent › Table 1 › row 2", needs_whole=True),
)
