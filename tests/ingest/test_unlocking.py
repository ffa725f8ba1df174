"""Encrypted files opened with their passwords, in real parser children."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as Word
from msoffcrypto.format.ooxml import OOXMLFile
from pypdf import PdfReader, PdfWriter

from core.errors import CorruptDocument, NotFound, PasswordRequired, UnsupportedDocument, WrongPassword
from ingest.children import ParserPool
from tests.ingest.conftest import Written
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.ingest.test_children import ignore

SECRET = "The combination is 4711."
CIPHERS = ("RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256")
PASSWORDS = ("open sesame", "pässwört", "x" * 32, "(){}\\%")


def locked_pdf(password: str, *, cipher: str = "AES-256", owner: str | None = None) -> bytes:
    """A PDF with `SECRET` on its page."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf(Sheet(lines(SECRET)), title="Vault"))))
    writer.encrypt(password, owner, algorithm=cipher)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def plain_docx() -> bytes:
    """A Word document with `SECRET` in it."""
    word, written = Word(), BytesIO()
    word.add_paragraph(SECRET)
    word.save(written)
    return written.getvalue()


def locked_docx(password: str) -> bytes:
    """The same, encrypted as Word does it."""
    written = BytesIO()
    OOXMLFile(BytesIO(plain_docx())).encrypt(password, written)
    return written.getvalue()


def _text(pool: ParserPool, path: Path, name: str) -> str:
    return "\n".join(page.text for page in pool.parse(path, name, ignore)[1].pages)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_pdfs_of_every_cipher(pool: ParserPool, written: Written, cipher: str) -> None:
    for number, password in enumerate(PASSWORDS):
        locked = written(f"{number}.pdf", locked_pdf(password, cipher=cipher, owner="the owner's"))
        with pytest.raises(PasswordRequired):
            pool.parse(locked, "a.pdf", ignore)
        for wrong in ("wrong" + password, password.swapcase() + "?", "\ud800"):
            with pytest.raises(WrongPassword):
                pool.unlock(locked, wrong)
        for right in (password, "the owner's"):
            data = b"".join(pool.unlock(locked, right))
            assert _text(pool, written(f"{number}-open.pdf", data), "a.pdf") == SECRET
            assert b"/Encrypt" not in data


def test_office_documents_come_out_as_they_were_locked(pool: ParserPool, written: Written) -> None:
    for number, password in enumerate(PASSWORDS):
        locked = written(f"{number}.docx", locked_docx(password))
        with pytest.raises(PasswordRequired):
            pool.parse(locked, "a.docx", ignore)
        with pytest.raises(WrongPassword):
            pool.unlock(locked, password + "!")
        opened = written(f"{number}-open.docx", b"".join(pool.unlock(locked, password)))
        assert SECRET in _text(pool, opened, "a.docx")


def test_a_damaged_lock_is_told_and_the_next_file_is_read(pool: ParserPool, written: Written) -> None:
    for number, whole in enumerate((locked_pdf("secret"), locked_docx("secret"))):
        for share in (0.2, 0.5, 0.9):
            cut = written(f"{number}-{share}", whole[: int(share * len(whole))])
            with pytest.raises((CorruptDocument, WrongPassword, UnsupportedDocument)):
                pool.unlock(cut, "secret")
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a", "a")
    with pytest.raises(UnsupportedDocument):
        pool.unlock(written("a.zip", archive.getvalue()), "secret")
    with pytest.raises(NotFound):
        pool.unlock(Path("/nowhere"), "secret")
    assert pool.unlock(written("good.pdf", locked_pdf("secret")), "secret")
