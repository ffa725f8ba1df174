"""The format is told from the content."""

from pathlib import Path

import pytest

from core.errors import EmptyDocument, PasswordRequired, UnsupportedDocument
from ingest import ole
from ingest.media import choose_parser
from ingest.packages import WORD
from tests.ingest.conftest import Written
from tests.ingest.packages import package, paragraph, word
from tests.ingest.pdfs import Sheet, pdf

PDF = pdf(Sheet())


@pytest.mark.parametrize(
    ("name", "data", "media_type", "warnings"),
    [
        ("report.pdf", PDF, "application/pdf", ()),
        ("report", PDF, "application/pdf", ()),
        ("report.txt", PDF, "application/pdf", ("type_mismatch",)),
        ("report.pdf", b"From a mail programme\r\n\r\n" + PDF, "application/pdf", ()),
        ("headless.pdf", PDF.partition(b"\n")[2], "application/pdf", ()),
        ("notes.txt", b"Plain words", "text/plain", ()),
        ("notes", b"Plain words", "text/plain", ()),
        ("data.csv", b"a,b\n1,2\n", "text/csv", ()),
        ("data.txt", b"a,b\n1,2\n", "text/plain", ()),
        ("mail.txt", b"From: a\nTo: b\nSubject: c\n\nWords", "text/plain", ()),
        ("data.json", b"{}", "text/plain", ()),
        ("letter.pdf", b"Not a PDF at all", "text/plain", ("type_mismatch",)),
        ("letter.docx", word(paragraph("Words")), WORD, ()),
        ("letter", word(paragraph("Words")), WORD, ()),
        ("letter.docm", word(paragraph("Words")), WORD, ()),
        ("letter.pdf", word(paragraph("Words")), WORD, ("type_mismatch",)),
        ("letter.docx", b"Not a document of Word", "text/plain", ("type_mismatch",)),
        ("about.txt", b"Files start with %PDF-1.7, says the standard.", "text/plain", ()),
        ("wide.txt", "Größe".encode("utf-16"), "text/plain", ()),
        ("old.txt", "Größe".encode("latin-1"), "text/plain", ()),
    ],
)
def test_content_decides(name: str, data: bytes, media_type: str, warnings: tuple[str, ...], written: Written) -> None:
    parser, found = choose_parser(written("stored", data), name)

    assert (parser.media_type, found) == (media_type, warnings)


def test_damaged_files_called_pdf_are_left_to_the_pdf_parser(written: Written) -> None:
    parser, warnings = choose_parser(written("stored", b"\x00\x01\x02" * 100), "Report.PDF")

    assert (parser.media_type, warnings) == ("application/pdf", ())


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a\x01\x00",
        b"{\\rtf1 Words}",
        b"%!PS-Adobe-3.0\n",
    ],
)
def test_everything_else_is_not_supported(data: bytes, written: Written) -> None:
    with pytest.raises(UnsupportedDocument, match=r"PDF, .* and plain text can"):
        choose_parser(written("stored", data), "file.bin")


def test_a_file_without_bytes_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()

    with pytest.raises(EmptyDocument, match="0 bytes"):
        choose_parser(tmp_path / "empty.pdf", "empty.pdf")


@pytest.mark.parametrize(
    ("stream", "name", "match"),
    [
        ("WordDocument", "a.doc", r"Word\. Save it as \.docx"),
        ("Workbook", "a.xls", r"Excel\. Save it as \.xlsx"),
        ("Book", "a.xls", r"Excel\. Save it as \.xlsx"),
        ("PowerPoint Document", "a.ppt", r"PowerPoint\. Save it as \.pptx"),
        ("__substg1.0_0037001F", "a.msg", r"Outlook\. Save it as \.eml"),
        ("Other", "a.bin", "current format"),
    ],
)
def test_files_of_old_programs_are_told_from_damaged_ones(stream: str, name: str, match: str, written: Written) -> None:
    with pytest.raises(UnsupportedDocument, match=match):
        choose_parser(written("stored", _old(stream)), name)


def test_an_encrypted_document_needs_a_password(written: Written) -> None:
    with pytest.raises(PasswordRequired):
        choose_parser(written("stored", _old("EncryptedPackage")), "report.docx")


def test_an_archive_is_no_document(written: Written) -> None:
    with pytest.raises(UnsupportedDocument, match="Unpack"):
        choose_parser(written("stored", package({"a.txt": "Words"}, main="")), "a.zip")


def _old(stream: str) -> bytes:
    return ole.SIGNATURE + bytes(1000) + stream.encode("utf-16-le") + bytes(1000)
