"""PDFs that would do something in other programs say so, wherever in the file that stands."""

from collections.abc import Callable
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, RectangleObject, TextStringObject

from ingest.active import FILES, LAUNCHES, SCRIPTS
from tests.ingest.conftest import Written
from tests.ingest.parsers.test_pdf import opened, pages_of
from tests.ingest.pdfs import Sheet, lines, pdf


def _action(kind: str) -> DictionaryObject:
    made = DictionaryObject({NameObject("/Type"): NameObject("/Action"), NameObject("/S"): NameObject(kind)})
    made[NameObject("/JS" if kind == "/JavaScript" else "/F")] = TextStringObject("app.alert(1)")
    return made


def _annotated(writer: PdfWriter, **keys: object) -> None:
    made = DictionaryObject(
        {NameObject("/Type"): NameObject("/Annot"), NameObject("/Rect"): RectangleObject((0, 0, 9, 9))}
    )
    made.update({NameObject(f"/{name}"): value for name, value in keys.items()})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(made)])


def _script(writer: PdfWriter) -> None:
    named = ArrayObject([TextStringObject("start"), writer._add_object(_action("/JavaScript"))])
    scripts = DictionaryObject({NameObject("/Names"): named})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): scripts})


def _file(writer: PdfWriter) -> None:
    writer.add_attachment("a.exe", b"MZ")


def _pinned_file(writer: PdfWriter) -> None:
    _annotated(writer, Subtype=NameObject("/FileAttachment"))


def _launching_link(writer: PdfWriter) -> None:
    _annotated(writer, Subtype=NameObject("/Link"), A=_action("/Launch"))


def _field_with_script(writer: PdfWriter) -> None:
    of_field = DictionaryObject({NameObject("/K"): _action("/JavaScript")})
    _annotated(writer, Subtype=NameObject("/Widget"), FT=NameObject("/Tx"), AA=of_field)


def _opened_with_script(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = _action("/JavaScript")


def _closed_with_launch(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/AA")] = DictionaryObject({NameObject("/WC"): _action("/Launch")})


def _harmless(writer: PdfWriter) -> None:
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://example.org"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_script, (SCRIPTS,)),
        (_file, (FILES,)),
        (_pinned_file, (FILES,)),
        (_launching_link, (LAUNCHES,)),
        (_field_with_script, (SCRIPTS,)),
        (_opened_with_script, (SCRIPTS,)),
        (_closed_with_launch, (LAUNCHES,)),
        (_harmless, ()),
    ],
)
def test_what_it_would_do_is_told(change: Callable[[PdfWriter], None], told: tuple[str, ...], written: Written) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf(Sheet(lines("Some words that are read."))))))
    change(writer)
    made = BytesIO()
    writer.write(made)

    document = opened(written("a.pdf", made.getvalue()))

    assert "Some words" in pages_of(document)[0].text
    assert document.warnings == told
