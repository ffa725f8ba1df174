"""Text documents in the OpenDocument format."""

import io
import zipfile

import pytest

from core.errors import EmptyDocument, PasswordRequired
from ingest.parsers import Limits
from ingest.parsers.odt import PARSER, OdtDocument
from tests.ingest.conftest import Written
from tests.ingest.packages import open_document

LIMITS = Limits(100, 1_000_000, 1_000_000)
BODY = """<text:tracked-changes><text:changed-region><text:deletion><text:p>Deleted</text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:h text:outline-level="1">Rent</text:h>
<text:p>Due<text:s/>monthly<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>
<text:note-body><text:p>In advance.</text:p></text:note-body></text:note>, <text:span>always</text:span>.</text:p>
<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item>
</text:list></text:list-item></text:list>
<text:h text:outline-level="2">Costs</text:h>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell>
<table:table-cell table:number-columns-spanned="2"><text:p>EUR</text:p></table:table-cell><table:covered-table-cell/>
</table:table-row></table:table-header-rows><table:table-row><table:table-cell><text:p>Heating</text:p>
</table:table-cell><table:table-cell table:number-columns-repeated="2"><text:p>20</text:p>
</table:table-cell></table:table-row></table:table>
<text:p><draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame></text:p>
<text:section text:display="none"><text:p>secret</text:p></text:section>
<text:p>shown<text:span text:style-name="T1">secret</text:span></text:p>"""
STYLES = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'


def opened(written: Written, data: bytes) -> OdtDocument:
    return PARSER.open(written("a.odt", data), LIMITS)


def test_what_a_reader_sees_is_read(written: Written) -> None:
    document = opened(written, open_document("text", BODY, styles=STYLES, title="A lease"))
    (page,) = document.read(1, 1, lambda _: None)

    assert (document.title, document.warnings) == ("A lease", ("hidden_text",))
    assert [(page.text[line.start : line.end], line.place) for line in page.lines] == [
        ("Rent", "Rent"),
        ("Due monthly, always.", "Rent"),
        ("(1) In advance.", "Rent › Footnote 1"),
        ("• one", "Rent"),
        ("• inner", "Rent"),
        ("Costs", "Rent › Costs"),
        ("Item: Heating | EUR: 20 | EUR: 20", "Rent › Costs › Table 1 › row 2"),
        ("In a box", "Rent › Costs"),
        ("shown", "Rent › Costs"),
    ]


def test_cells_that_are_repeated_without_end_are_not(written: Written) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}'
    body = f"<table:table>{row}</table:table-row></table:table><text:p>Words</text:p>"

    (page,) = opened(written, open_document("text", body)).read(1, 1, lambda _: None)

    assert page.text == "Words"


def test_an_encrypted_document_needs_a_password(written: Written) -> None:
    buffer = io.BytesIO(open_document("text", "<text:p>Words</text:p>"))
    with zipfile.ZipFile(buffer, "a") as file:
        file.writestr("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>")

    with pytest.raises(PasswordRequired):
        opened(written, buffer.getvalue())


def test_a_document_that_is_encrypted_as_a_whole_needs_a_password(written: Written) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:  # as LibreOffice writes it since 24.8
        file.writestr("mimetype", PARSER.media_type)
        file.writestr("encrypted-package", bytes(range(256)) * 8)
        file.writestr("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>")

    with pytest.raises(PasswordRequired, match="without one"):
        opened(written, buffer.getvalue())


def test_a_document_without_text_is_empty(written: Written) -> None:
    with pytest.raises(EmptyDocument):
        opened(written, open_document("text", "<text:p/>"))
