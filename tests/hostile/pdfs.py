"""PDFs that go round in circles, swell, lie or point elsewhere."""

import zlib
from collections.abc import Sequence

from tests.hostile.case import READ, Case, Lure, case
from tests.ingest.pdfs import Sheet, encrypted, lines, pdf

_MEBIBYTE = 1024 * 1024
_CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
_PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_FONT = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
_PAGE = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << {_FONT} >> /Contents 4 0 R >>"
_TEXT = "BT /F 12 Tf 72 700 Td (Harmless words) Tj ET"


def _stream(data: bytes, more: str = "") -> bytes:
    return f"<< /Length {len(data)} {more} >>\nstream\n".encode() + data + b"\nendstream"


def written(objects: Sequence[str | bytes], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalog."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + (body.encode("latin-1") if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    told = trailer.replace("SELF", str(start))
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {told} >>\nstartxref\n{start}\n%%EOF\n".encode("latin-1")
    return bytes(out)


def _usual(
    content: bytes = b"",
    *more: str | bytes,
    catalog: str = _CATALOG,
    pages: str = _PAGES,
    page: str = _PAGE,
    trailer: str = "",
) -> bytes:
    return written([catalog, pages, page, content or _stream(_TEXT.encode()), *more], trailer)


def _with_catalog(entries: str, *more: str | bytes) -> bytes:
    return _usual(b"", *more, catalog=f"<< /Type /Catalog /Pages 2 0 R {entries} >>")


def _swelling(times: int, size: int = 100 * _MEBIBYTE) -> bytes:
    data = _packed(size)
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return _usual(_stream(data, f"/Filter [{'/FlateDecode ' * times}]"))


def _packed(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([packer.compress(b" " * _MEBIBYTE) for _ in range(size // _MEBIBYTE)]) + packer.flush()


def _deep_tree(depth: int) -> bytes:
    nodes = [f"<< /Type /Pages /Kids [{n + 1} 0 R] /Count 1 >>" for n in range(2, depth)]
    return written([_CATALOG, *nodes, f"<< /Type /Page /MediaBox [0 0 9 9] /Parent {depth - 1} 0 R >>"])


def _picture(width: int, height: int, data: bytes = b"x") -> bytes:
    form = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8"
    page = _PAGE.replace("/Resources <<", "/Resources << /XObject << /I 5 0 R >>")
    return _usual(_stream(b"600 0 0 800 0 0 cm /I Do"), _stream(data, f"{form} /Filter /FlateDecode"), page=page)


def _form_in_itself(_: Lure) -> bytes:
    form = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    page = _PAGE.replace("/Resources <<", "/Resources << /XObject << /X 5 0 R >>")
    return _usual(_stream(b"/X Do"), _stream(b"/X Do /X Do", form), page=page)


def _outline_in_circles(_: Lure) -> bytes:
    return _with_catalog(
        "/Outlines 5 0 R",
        "<< /Type /Outlines /First 6 0 R /Last 7 0 R >>",
        "<< /Title (a) /Parent 5 0 R /Next 7 0 R /First 6 0 R >>",
        "<< /Title (b) /Parent 5 0 R /Next 6 0 R /Prev 7 0 R >>",
    )


def _names_in_circles(_: Lure) -> bytes:
    return _with_catalog("/Names << /Dests 5 0 R /EmbeddedFiles 5 0 R >>", "<< /Kids [5 0 R 5 0 R] >>")


def _metadata(lure: Lure) -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xmp = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}<!ENTITY f SYSTEM "{lure.secret.as_uri()}">]><x>&l9;&f;</x>'
    return _with_catalog("/Metadata 5 0 R", _stream(xmp.encode(), "/Type /Metadata /Subtype /XML"))


def _form_of_xml(lure: Lure) -> bytes:
    xfa = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{lure.url}/xfa"><!ENTITY b SYSTEM "{lure.secret.as_uri()}">]><x>&a;&b;</x>'
    return _with_catalog("/AcroForm << /Fields [] /XFA 5 0 R >>", _stream(xfa.encode()))


def _actions(lure: Lure) -> bytes:
    script = f"/S /JavaScript /JS (app.launchURL\\('{lure.url}/js'\\))"
    page = _PAGE[:-2] + f"/AA << /O << /S /URI /URI ({lure.url}/uri) >> >> >>"
    opening = f"/OpenAction << {script} /Next << /S /Launch /F (/bin/sh) >> >>"
    return _usual(page=page, catalog=f"<< /Type /Catalog /Pages 2 0 R {opening} >>")


def _wide_map(_: Lure) -> bytes:
    table = b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + b"".join(
        b"1 beginbfrange <0000> <FFFF> <0041> endbfrange\n" for _ in range(2000)
    )
    page = _PAGE.replace("/BaseFont /Helvetica", "/BaseFont /Helvetica /ToUnicode 5 0 R")
    return _usual(b"", _stream(table), page=page)


_WIDE = "/Predictor 15 /Columns 2147483647 /Colors 32"
_UNKNOWN = "/Encrypt << /Filter /Standard /V 99 /R 99 /O (x) /U (y) /P -1 >>"
CASES: list[Case] = [
    case("plain.pdf", _usual(), READ),
    case("count.pdf", _usual(pages="<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>")),
    case("negative-count.pdf", _usual(pages="<< /Type /Pages /Kids [3 0 R] /Count -1 >>")),
    case("kids-in-circles.pdf", _usual(pages="<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] /Count 3 >>")),
    case("page-is-its-parent.pdf", _usual(page=_PAGE.replace("/Parent 2 0 R", "/Parent 3 0 R"))),
    case("prev-in-circles.pdf", _usual(trailer="/Prev SELF")),
    case("prev-far-away.pdf", _usual(trailer="/Prev 99999999999999")),
    case("outline-in-circles.pdf", _outline_in_circles, READ),
    case("names-in-circles.pdf", _names_in_circles, READ),
    case("deep-tree.pdf", lambda _: _deep_tree(20_000)),
    case("form-in-itself.pdf", _form_in_itself),
    case("length-is-itself.pdf", _usual(b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream")),
    case("length-lies.pdf", _usual(b"<< /Length 999999999 >>\nstream\n" + _TEXT.encode() + b"\nendstream")),
    case("bomb.pdf", lambda _: _swelling(1, 1024 * _MEBIBYTE)),
    case("bomb-in-bombs.pdf", lambda _: _swelling(4)),
    case("run-lengths.pdf", lambda _: _usual(_stream(b"\x81 " * 2_000_000, "/Filter /RunLengthDecode"))),
    case("filters.pdf", _usual(_stream(b"41>", f"/Filter [{'/ASCIIHexDecode ' * 5000}]"))),
    case(
        "predictor.pdf",
        lambda _: _usual(_stream(_packed(_MEBIBYTE), f"/Filter /FlateDecode /DecodeParms << {_WIDE} >>")),
    ),
    case("picture-without-end.pdf", lambda _: _picture(100_000, 100_000, _packed(_MEBIBYTE))),
    case("picture-of-nothing.pdf", _picture(0, -5)),
    case("sheet-without-end.pdf", _usual(page=_PAGE.replace("600 800", "1e30 1e30"))),
    case("sheet-of-nothing.pdf", _usual(page=_PAGE.replace("0 0 600 800", "5 5 5 5"))),
    case("metadata.pdf", _metadata, READ),
    case("form-of-xml.pdf", _form_of_xml, READ),
    case("actions.pdf", _actions, READ),
    case("wide-map.pdf", _wide_map),
    case("many-pages.pdf", lambda _: _usual(pages=f"<< /Type /Pages /Kids [{'3 0 R ' * 6000}] /Count 6000 >>")),
    case("deep-arrays.pdf", _with_catalog(f"/X {'[' * 100_000}{']' * 100_000}")),
    case("deep-brackets.pdf", _usual(_stream(b"BT (" + b"(" * 500_000 + b") Tj ET"))),
    case("saved-states.pdf", _usual(_stream(b"q " * 1_000_000 + _TEXT.encode()))),
    case("giant-name.pdf", _with_catalog(f"/{'A' * 1_000_000} 1")),
    case("giant-number.pdf", _usual(_stream(b"BT /F " + b"9" * 100_000 + b" Tf 72 700 Td (words) Tj ET"))),
    case("password.pdf", lambda _: encrypted(pdf(Sheet(lines("words"))), "secret"), "password_required"),
    case("encryption-that-lies.pdf", _usual(trailer=_UNKNOWN), "corrupt", "password_required", "unsupported"),
    case("header-alone.pdf", b"%PDF-1.7", "corrupt"),
    case("zeros.pdf", b"%PDF-1.7\n" + bytes(1_000_000), "corrupt"),
]
