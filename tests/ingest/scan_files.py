"""Scans made by the tests: pages of text drawn as pictures, and PDFs that hold nothing but these."""

import io
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image

from tests.ingest.pdfs import Sheet, Text, lines, pdf

DPI = 200

GERMAN = (
    "Über die Größe der Äcker und Öfen",
    "Die Gemeinde prüft jährlich, ob die Maße der Straßen genügen.",
    "Für übermäßige Geräusche gilt § 12 der Lärmschutzverordnung.",
    "Der Zuschuss beträgt 1.234,56 € für jede Wohnung.",
)
ENGLISH = (
    "The warehouse in Rotterdam holds four thousand pallets.",
    "Its rent is fixed until the end of March 2027.",
    "Insurance against flooding is paid by the owner.",
)


def sheet(texts: Sequence[str], size: float = 11.0) -> Sheet:
    """A page with these lines."""
    return Sheet([Text(one.text, one.left, one.top, size) for one in lines(*texts, leading=size * 1.5)])


def picture_of(page: Sheet, dpi: int = DPI) -> Image.Image:
    """The page drawn."""
    document = pypdfium2.PdfDocument(pdf(page))
    try:
        drawn: Image.Image = document[0].render(scale=dpi / 72).to_pil()
        return drawn.convert("RGB")
    finally:
        document.close()


def scan_pdf(*pictures: Image.Image, dpi: int = DPI) -> bytes:
    """A PDF whose pages are these pictures."""
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi)
    return out.getvalue()


def joined(*documents: bytes) -> bytes:
    """One PDF with the pages of all."""
    whole = pypdfium2.PdfDocument.new()
    for part in map(pypdfium2.PdfDocument, documents):
        whole.import_pages(part)
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def stamped(scan: bytes, text: str) -> bytes:
    """The scan with a line of real text at the head of its first page, as archives print it."""
    document = pypdfium2.PdfDocument(scan)
    stamp = pypdfium2.PdfDocument(pdf(Sheet([Text(text, top=30)])))
    page = document[0]
    page.insert_obj(stamp.page_as_xobject(0, document).as_pageobject())
    page.gen_content()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_models(pid: int) -> bool:
    """Whether that process has loaded what recognises words."""
    try:
        return "onnxruntime" in Path(f"/proc/{pid}/maps").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return False
