"""Packages are checked before they are unpacked, and nothing outside of them is read."""

import io
import random
import re
import zipfile
from pathlib import Path

import pytest

from core.errors import CorruptDocument, ParserLimit, PasswordRequired
from ingest.packages import SLIDES, WORD, Package, package_type, parsed
from tests.ingest.conftest import Written
from tests.ingest.packages import SLIDES_TYPE, package, relations

MEBIBYTE = 1024 * 1024


def test_parts_are_found_by_their_relations(written: Written) -> None:
    members = {
        "_rels/.rels": relations(("r1", "officeDocument", "/word/document.xml"), ("r2", "officeDocument", "http://x/")),
        "word/document.xml": "<a/>",
        "word/_rels/document.xml.rels": relations(
            ("r1", "styles", "../word/Styles.xml"),
            ("r2", "image", "media/a.png"),
            ("r3", "styles", "../../../etc/passwd"),
        ),
        "word/styles.xml": "<b/>",
    }
    opened = Package(written("a.docx", package(members)))

    assert opened.related("", "officeDocument") == ["word/document.xml"]
    assert [opened.tree(part).tag for part in opened.related("word/document.xml", "styles")] == ["b"]
    assert opened.related("word/document.xml", "image") == []
    opened.close()


def test_what_would_swell_is_refused_unread(written: Written) -> None:
    bomb = package({"word/document.xml": bytes(64 * MEBIBYTE)})
    with pytest.raises(ParserLimit, match="Unpacked"):
        Package(written("bomb.docx", bomb))


def test_too_many_parts_are_refused(written: Written) -> None:
    with pytest.raises(ParserLimit, match="parts"):
        Package(written("many.docx", package({f"{number}.xml": "" for number in range(10_001)})))


def test_what_a_header_says_is_all_that_is_unpacked(written: Written) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.xml", bytes(MEBIBYTE))
    lying = buffer.getvalue().replace(MEBIBYTE.to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(CorruptDocument):
        Package(written("lying.docx", lying)).read("a.xml")


def test_what_a_part_holds_is_found_over_the_borders_of_steps(written: Written) -> None:
    filling = random.Random(1).randbytes(4 * MEBIBYTE - 3)
    opened = Package(written("a.docx", package({"a.xml": filling + b"<needle/>" + filling, "b.xml": filling})))

    assert opened.holds("a.xml", re.compile(b"<needle/>")) and not opened.holds("b.xml", re.compile(b"<needle/>"))
    opened.close()


def test_an_encrypted_part_needs_a_password(written: Written) -> None:
    data = bytearray(package({"a.xml": "<a/>"}))
    for place in range(len(data) - 4):
        if data[place : place + 4] == b"PK\x01\x02":
            data[place + 8] |= 1

    with pytest.raises(PasswordRequired):
        Package(written("a.docx", bytes(data)))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing more", b"words"])
def test_what_is_no_package_is_damaged(data: bytes, written: Written) -> None:
    with pytest.raises(CorruptDocument):
        Package(written("a.docx", data))


def test_a_missing_part_is_told(written: Written) -> None:
    with pytest.raises(CorruptDocument, match="missing"):
        Package(written("a.docx", package({}))).tree("word/document.xml")


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY b SYSTEM "file:///etc/hostname">',
        '<!ENTITY b SYSTEM "http://127.0.0.1:9/a">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/a"> %p; <!ENTITY b "x">',
    ],
)
def test_entities_are_refused(declared: str) -> None:
    with pytest.raises(CorruptDocument):
        parsed(f"<!DOCTYPE d [{declared}]><d>&b;</d>".encode())


def test_a_dtd_that_declares_nothing_is_left_alone() -> None:
    assert parsed(b'<!DOCTYPE d PUBLIC "x" "http://127.0.0.1:9/office.dtd"><d>words</d>').text == "words"


def test_nesting_has_an_end() -> None:
    with pytest.raises(CorruptDocument):
        parsed(b"<a>" * 50_000)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (package({}), WORD),
        (package({}, SLIDES_TYPE), SLIDES),
        (package({}, "application/vnd.ms-word.document.macroEnabled.main+xml"), WORD),
        (package({}, "text/plain"), ""),
        (b"PK\x03\x04", ""),
    ],
)
def test_a_package_says_what_it_is(data: bytes, expected: str, written: Written) -> None:
    assert package_type(written("stored", data)) == expected


def test_an_open_document_says_what_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.text")

    assert package_type(tmp_path / "a.odt") == "application/vnd.oasis.opendocument.text"
