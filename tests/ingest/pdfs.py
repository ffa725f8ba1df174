"""A small writer of PDFs, so that tests say what stands where on a page."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text; `left` and `top` (of its baseline) in points from the top left corner of an unrotated page."""

    text: str
    left: float = 72.0
    top: float = 72.0
    size: float = 11.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page; `crop` is left, bottom, right and top as PDF counts them.

    `drawn` are further operators of PDF, after the texts; the fonts are `/Body` and `/Bold`, the state of graphics
    `/Clear` is transparent.
    """

    texts: Sequence[Text] = ()
    width: float = 612.0
    height: float = 792.0
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None
    drawn: str = ""


def lines(*texts: str, top: float = 72.0, leading: float = 14.0) -> list[Text]:
    """Texts below each other."""
    return [Text(text, top=top + index * leading) for index, text in enumerate(texts)]


def pdf(*sheets: Sheet, title: str = "") -> bytes:
    """A valid PDF 1.4 with the sheets as its pages."""
    pages = [4 + 2 * index for index in range(len(sheets))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in pages)}] /Count {len(pages)} >>".encode(),
        f"<< /Title ({title}) >>".encode("latin-1"),
    ]
    for number, sheet in zip(pages, sheets, strict=True):
        objects += [_page(sheet, number + 1), _stream(_content(sheet))]
    return _file(objects)


def encrypted(data: bytes, password: str) -> bytes:
    """The same PDF, encrypted; an empty password opens it everywhere."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    return _written(writer)


def with_outline(data: bytes, *titles: str) -> bytes:
    """The same PDF with an outline whose entries point at its first page."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    for title in titles:
        writer.add_outline_item(title=title, page_number=0)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _page(sheet: Sheet, content: int) -> bytes:
    crop = f"/CropBox [{' '.join(map(str, sheet.crop))}]" if sheet.crop else ""
    fonts = " ".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
        for name, font in (("Body", "Helvetica"), ("Bold", "Helvetica-Bold"))
    )
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sheet.width} {sheet.height}] {crop} /Rotate {sheet.rotate} "
        f"/Resources << /Font << {fonts} >> /ExtGState << /Clear << /ca 0 /CA 0 >> >> >> "
        f"/Contents {content} 0 R >>"
    ).encode()


def _content(sheet: Sheet) -> bytes:
    parts = []
    for text in sheet.texts:
        escaped = text.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "Bold" if text.bold else "Body"
        parts.append(f"BT /{font} {text.size} Tf {text.left} {sheet.height - text.top} Td ({escaped}) Tj ET")
    return "\n".join([*parts, sheet.drawn]).encode("cp1252")


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
