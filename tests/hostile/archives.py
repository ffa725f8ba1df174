"""Packages of office programs that are bombs, lie about themselves or point elsewhere."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest import ole
from tests.hostile.case import READ, Case, Lure, case
from tests.ingest.packages import RELATIONS, SLIDES_TYPE, WORD_TYPE, open_document, package, paragraph, relations, word

_SHEETS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_MEBIBYTE = 1024 * 1024
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _types(main: str) -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{main}"/></Types>'
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A format, and how a document of it holds a text in its main part."""

    extension: str
    main: str
    parts: Callable[[str, str], dict[str, str | bytes]]  # what stands before the root, the text

    def made(self, text: str, before: str = "") -> bytes:
        """A document with this text in the main part."""
        if not self.main:
            return self._open(self.parts(before, text))
        return package(self.parts(before, text), self.main)

    def bomb(self, size: int, told: int) -> bytes:
        """A document whose main part unpacks to `size` bytes, and says that it unpacks to `told`."""
        parts = self.parts("", "")
        main = next(reversed(parts))
        zeros = Member(main, *swollen(size), told)
        plain = [stored(name, _bytes(data)) for name, data in parts.items() if name != main]
        first = (
            stored("[Content_Types].xml", _types(self.main).encode())
            if self.main
            else stored("mimetype", b"application/vnd.oasis.opendocument.text")
        )
        return raw_zip([first, *plain, zeros])

    @staticmethod
    def _open(parts: dict[str, str | bytes]) -> bytes:
        members = {"mimetype": "application/vnd.oasis.opendocument.text", **parts}
        return raw_zip([stored(name, _bytes(data)) for name, data in members.items()])


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a ZIP file as it is written: packed bytes, their checksum and what is told of their size."""

    name: str
    packed: bytes
    checksum: int
    told: int
    method: int = 8
    flags: int = 0


def stored(name: str, data: bytes, flags: int = 0) -> Member:
    """A member that is not packed."""
    return Member(name, data, zlib.crc32(data), len(data), 0, flags)


def swollen(size: int) -> tuple[bytes, int]:
    """`size` spaces, packed without ever being held, and a checksum that is wrong."""
    block = b" " * _MEBIBYTE
    first = zlib.compressobj(9, zlib.DEFLATED, -15)
    part = first.compress(block) + first.flush(zlib.Z_FULL_FLUSH)
    return part * (size // _MEBIBYTE) + zlib.compressobj(9, zlib.DEFLATED, -15).flush(), 0


def raw_zip(members: Sequence[Member], same_place: bool = False) -> bytes:
    """A ZIP file exactly as told; with `same_place` all entries of its directory share the first member's bytes."""
    out, directory, offset = bytearray(), bytearray(), 0
    for number, one in enumerate(members):
        name = one.name.encode()
        shape = (20, one.flags, one.method, 0, 0, one.checksum, len(one.packed), one.told, len(name), 0)
        if not (same_place and number):
            offset = len(out)
            out += struct.pack("<4s5H3L2H", b"PK\x03\x04", *shape) + name + one.packed
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, *shape, 0, 0, 0, 0, offset) + name
    count = min(len(members), 0xFFFF)
    return bytes(
        out + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(out), 0)
    )


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _word(before: str, text: str) -> dict[str, str | bytes]:
    body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
    return {
        "_rels/.rels": relations(("r1", "officeDocument", "main.xml")),
        "main.xml": f'{before}<w:document xmlns:w="{_W}">{body}</w:document>',
    }


def _slides(before: str, text: str) -> dict[str, str | bytes]:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    slides = '<p:sldIdLst><p:sldId r:id="s1"/></p:sldIdLst>'
    shape = f"<p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    slide = f"<p:cSld><p:spTree>{shape}</p:spTree></p:cSld>"
    return {
        "_rels/.rels": relations(("r1", "officeDocument", "main.xml")),
        "main.xml": f'<p:presentation xmlns:p="{_P}" xmlns:r="{RELATIONS}">{slides}</p:presentation>',
        "_rels/main.xml.rels": relations(("s1", "slide", "slide.xml")),
        "slide.xml": f'{before}<p:sld xmlns:p="{_P}" xmlns:a="{a}">{slide}</p:sld>',
    }


def _sheets(before: str, text: str, inside: str = "") -> dict[str, str | bytes]:
    row = inside or f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="s1"/></sheets>'
    dimension = '<dimension ref="A1:XFD1048576"/>'
    return {
        "_rels/.rels": relations(("r1", "officeDocument", "main.xml")),
        "main.xml": f'<workbook xmlns="{_S}" xmlns:r="{RELATIONS}">{sheets}</workbook>',
        "_rels/main.xml.rels": relations(("s1", "worksheet", "sheet1.xml")),
        "sheet1.xml": f'{before}<worksheet xmlns="{_S}">{dimension}<sheetData>{row}</sheetData></worksheet>',
    }


def _open_text(before: str, text: str) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(open_document("text", f"<text:p>{text}</text:p>"))) as file:
        content = file.read("content.xml").decode()
    return {"content.xml": before + content}


KINDS = (
    Kind(".docx", WORD_TYPE, _word),
    Kind(".pptx", SLIDES_TYPE, _slides),
    Kind(".xlsx", _SHEETS_TYPE, _sheets),
    Kind(".odt", "", _open_text),
)


def _of_kind(kind: Kind) -> list[Case]:
    end = kind.extension

    def declaring(name: str, text: str, declared: Callable[[Lure], str], *ends: str) -> Case:
        return case(f"{name}{end}", lambda lure: kind.made(text, f"<!DOCTYPE r {declared(lure)}>"), *ends)

    def bomb(name: str, size: int, told: int, *ends: str) -> Case:
        return case(f"{name}{end}", lambda _: kind.bomb(size * _MEBIBYTE, told), *ends)

    including = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{}"/>'
    return [
        case(f"plain{end}", lambda _: kind.made("Harmless words"), READ),
        bomb("bomb", 1024, 1024 * _MEBIBYTE, "parser_limit"),
        bomb("bomb-that-lies", 256, 1000, "corrupt", "parser_limit", READ),
        bomb("bomb-that-tells-nothing", 256, 0, "corrupt", "parser_limit", READ),
        declaring("file-entity", "&a;", lambda lure: f'[<!ENTITY a SYSTEM "{lure.secret.as_uri()}">]'),
        declaring("web-entity", "&a;", lambda lure: f'[<!ENTITY a SYSTEM "{lure.url}/a">]'),
        declaring("parameter-entity", "words", lambda lure: f'[<!ENTITY % a SYSTEM "{lure.url}/b"> %a;]'),
        declaring("web-dtd", "words", lambda lure: f'SYSTEM "{lure.url}/c.dtd"'),
        declaring("laughs", "&l9;", lambda _: f'[<!ENTITY l0 "lol">{_LAUGHS}]', "corrupt", READ),
        declaring("quadratic", "&a;" * 50_000, lambda _: f'[<!ENTITY a "{"x" * 50_000}">]', "corrupt", READ),
        case(f"deep{end}", lambda _: kind.made("<x>" * 50_000 + "</x>" * 50_000), "corrupt", "empty", READ),
        case(f"include{end}", lambda lure: kind.made(including.format(lure.secret.as_uri()))),
        case(f"style{end}", lambda lure: kind.made("words", f'<?xml-stylesheet href="{lure.url}/d.xsl"?>'), READ),
    ]


def _many_members(_: Lure) -> bytes:
    return raw_zip(
        [stored("[Content_Types].xml", _types(WORD_TYPE).encode()), *(stored(str(n), b"") for n in range(60_000))]
    )


def _overlapping(_: Lure) -> bytes:
    packed, checksum = swollen(64 * _MEBIBYTE)
    first = stored("[Content_Types].xml", _types(WORD_TYPE).encode())
    members = [Member(f"part{n}.xml", packed, checksum, 64 * _MEBIBYTE) for n in range(1000)]
    return raw_zip([Member(first.name, packed, checksum, 64 * _MEBIBYTE), *members], same_place=True)


def _with(**members: str | bytes) -> bytes:
    return package({**_word("", "Harmless words"), **members}, WORD_TYPE)


def _wandering(_: Lure) -> bytes:
    names = ("../../outside.xml", "/etc/outside.xml", "C:\\outside.xml", "..\\..\\outside.xml", "a\0b", "word/../../x")
    return package({**_word("", "Harmless words"), **dict.fromkeys(names, "x")}, WORD_TYPE)


def _doubled(_: Lure) -> bytes:
    parts = _word("", "Harmless words")
    members = [stored(name, _bytes(data)) for name, data in parts.items()]
    types = stored("[Content_Types].xml", _types(WORD_TYPE).encode())
    return raw_zip([types, *members, *members, stored("MAIN.XML", b"<not what it seems"), types])


def _external(lure: Lure) -> bytes:
    targets = [("r1", "attachedTemplate", f"{lure.url}/e.dotm"), ("r2", "image", f"{lure.url}/f.png"),
               ("r3", "aFChunk", f"{lure.url}/g.html"), ("r4", "oleObject", lure.secret.as_uri())]  # fmt: skip
    return _with(**{"_rels/main.xml.rels": relations(*targets)})


def _sheet(inside: str) -> bytes:
    return package(_sheets("", "", inside), _SHEETS_TYPE)


def _shared_strings(_: Lure) -> bytes:
    parts = _sheets("", "", '<row><c t="s"><v>0</v></c></row>')
    pointing = ("s1", "worksheet", "sheet1.xml"), ("s2", "sharedStrings", "strings.xml")
    parts["_rels/main.xml.rels"] = relations(*pointing)
    members = [stored("[Content_Types].xml", _types(_SHEETS_TYPE).encode())]
    members += [stored(name, _bytes(data)) for name, data in parts.items()]
    return raw_zip([*members, Member("strings.xml", *swollen(400 * _MEBIBYTE), 400 * _MEBIBYTE)])


_CHUNK = f'<w:altChunk xmlns:r="{RELATIONS}" r:id="rchunk"/>'  # HTML that Word would show in its place


def _table(row: str, cell: str) -> bytes:
    inside = f"<table:table-cell {cell}><text:p>x</text:p></table:table-cell><table:table-cell/>"
    return open_document("text", f"<table:table><table:table-row {row}>{inside}</table:table-row></table:table>")


def _wide_rows(_: Lure) -> bytes:
    cells = '<c r="A{n}"><v>1</v></c><c r="XFD{n}"><v>2</v></c>'
    return _sheet("".join(f'<row r="{n}">{cells.format(n=n)}</row>' for n in range(1, 1001)))


def _far_cells(_: Lure) -> bytes:
    last = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    return _sheet(f'<row r="1"><c r="A1"><v>1</v></c></row>{last}')


def _numbers(_: Lure) -> bytes:
    values = ("9" * 100_000, "1e999", "NaN", "-0", "0x10", "")
    return _sheet("<row>" + "".join(f"<c><v>{value}</v></c>" for value in values) + "</row>")


def _locked(_: Lure) -> bytes:
    return raw_zip([stored("[Content_Types].xml", _types(WORD_TYPE).encode()), stored("main.xml", b"x", flags=1)])


_LYING = '<row r="-5"><c r="ZZZZ99999999999999"><v>1</v></c><c r=""><v>2</v></c></row>'
_CONTAINED = "EncryptedPackage".encode("utf-16-le")
CASES = [
    *(one for kind in KINDS for one in _of_kind(kind)),
    case("members.docx", _many_members, "parser_limit", "unsupported"),
    case("overlap.docx", _overlapping, "parser_limit", "corrupt", "unsupported"),
    case("nested.docx", lambda _: _with(**{"media/inner.zip": KINDS[0].bomb(64 * _MEBIBYTE, 0)}), READ),
    case("wandering.docx", _wandering, READ),
    case("doubled.docx", _doubled),
    case("external.docx", _external, READ),
    case("chunk.docx", lambda lure: word(paragraph("words") + _CHUNK, aFChunk=f"<img src='{lure.url}/h.png'>"), READ),
    case("columns-without-end.odt", _table("", 'table:number-columns-repeated="2000000000"')),
    case("rows-without-end.odt", _table('table:number-rows-repeated="9999999"', "")),
    case("far-cells.xlsx", _far_cells, READ),
    case("wide-rows.xlsx", _wide_rows, READ, "parser_limit"),
    case("lying-cells.xlsx", lambda _: _sheet(_LYING)),
    case("numbers.xlsx", _numbers),
    case("giant-cell.xlsx", lambda _: KINDS[2].made("word " * 1_500_000)),
    case("formula.xlsx", lambda _: KINDS[2].made("=cmd|' /C calc'!A0"), READ),
    case("shared-strings.xlsx", _shared_strings, "parser_limit"),
    case("password.docx", _locked, "password_required"),
    case("encrypted.xlsx", ole.SIGNATURE + bytes(1000) + _CONTAINED, "password_required"),
    case("container.doc", ole.SIGNATURE + b"\xff" * 100_000, "unsupported"),
    case("half.pptx", lambda _: KINDS[1].made("words " * 1000)[:700], "corrupt", "unsupported"),
    case("archive.zip", raw_zip([stored("a.txt", b"words")]), "unsupported"),
]
