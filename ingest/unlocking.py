"""The same document without its lock: opens an encrypted PDF or office file with a password and gives it unencrypted.

Runs in a parser child. The password stays in the request that brought it: nothing here writes, logs or repeats it.
"""

import ctypes
import os
import unicodedata
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as pdfium

from core.errors import CorruptDocument, UnsupportedDocument, WrongPassword
from ingest.ole import SIGNATURE
from ingest.pypdf_reader import decrypted

if TYPE_CHECKING:
    from msoffcrypto.format.ooxml import OOXMLFile

PART_BYTES = 1024 * 1024
_HEAD_BYTES = 1024  # where a PDF says that it is one
_SOFT_HYPHEN = "\u00ad"


def unlocked(path: Path, password: str) -> Iterator[bytes]:
    """The unencrypted file in parts of at most `PART_BYTES`.

    Raises `WrongPassword`, `CorruptDocument`, or `UnsupportedDocument` for a kind of file whose lock cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(SIGNATURE):
        return _parts(_office(path, password))
    if b"%PDF-" in head:
        return _parts(_pdf(path, password))
    raise UnsupportedDocument("The lock of this kind of file cannot be opened. Upload a copy without a password.")


def _parts(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES))


def _pdf(path: Path, password: str) -> bytes:
    document = next(filter(None, (_opened(path, one) for one in _spellings(password))), None)
    # PDFium opens and mends more; pypdf knows passwords, and leaves out locks, with which PDFium has trouble.
    data = _saved(document) if document is not None else None
    if data is None:
        try:
            data = decrypted(path, password)
        except CorruptDocument:
            if document is not None:
                raise
    if data is None:
        raise WrongPassword("The password does not open the document.")
    if not _is_open(data):
        raise CorruptDocument("The PDF opens with this password, but no copy can be made of it.")
    return data


def _saved(document: Any) -> bytes | None:
    """What PDFium writes of an opened document; None where that is locked still."""
    written = BytesIO()
    try:
        # The sink has to outlive the call, or Python frees what PDFium calls.
        sink = _sink(written.write)
        done = pdfium.FPDF_SaveAsCopy(document, ctypes.byref(sink), pdfium.FPDF_REMOVE_SECURITY)
    finally:
        pdfium.FPDF_CloseDocument(document)
    data = written.getvalue()
    return data if done and _is_open(data) else None


def _is_open(data: bytes) -> bool:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if document:
        pdfium.FPDF_CloseDocument(document)
    return bool(document)


def _opened(path: Path, password: bytes) -> Any:
    document = pdfium.FPDF_LoadDocument(os.fsencode(path), password)
    if not document and pdfium.FPDF_GetLastError() != pdfium.FPDF_ERR_PASSWORD:
        raise CorruptDocument("The file cannot be opened as a PDF: it is damaged or incomplete.")
    return document


def _spellings(password: str) -> Iterator[bytes]:
    """How a password may have become bytes: older PDFs count Latin letters, newer ones normalised UTF-8 (RFC 4013)."""
    prepared = unicodedata.normalize("NFKC", password).replace(_SOFT_HYPHEN, "")
    for encoding in ("utf-8", "latin-1"):
        for text in dict.fromkeys((password, prepared)):
            try:
                yield text.encode(encoding)
            except UnicodeEncodeError:
                continue


def _sink(write: Callable[[bytes], object]) -> Any:
    sink = pdfium.FPDF_FILEWRITE()
    sink.version = 1

    def take(_sink: Any, data: Any, size: int) -> int:
        write(ctypes.string_at(data, size))
        return 1

    sink.WriteBlock = type(sink.WriteBlock)(take)
    return sink


def _office(path: Path, password: str) -> bytes:
    # Ciphers and containers are only needed here; most children never see one.
    from msoffcrypto.exceptions import InvalidKeyError  # noqa: PLC0415

    written = BytesIO()
    try:
        with path.open("rb") as file:
            package = _package(file)
            package.load_key(password=password, verify_password=True)
            package.decrypt(written)
    except InvalidKeyError:
        raise WrongPassword("The password does not open the document.") from None
    return written.getvalue()


def _package(file: Any) -> "OOXMLFile":
    from msoffcrypto import OfficeFile  # noqa: PLC0415
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415

    package = OfficeFile(file)
    if not isinstance(package, OOXMLFile) or package.type not in {"agile", "standard"}:
        raise UnsupportedDocument("The lock of this kind of file cannot be opened. Upload a copy without a password.")
    return package
