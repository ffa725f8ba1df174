"""Mail with too many parts, parts within parts, names that lead elsewhere and attachments that are bombs."""

import base64

from tests.hostile.archives import KINDS
from tests.hostile.case import READ, Case, Lure, case
from tests.hostile.pdfs import CASES as PDFS

_HEAD = "From: ann@example.org\r\nTo: bob@example.org\r\nSubject: Hostile\r\nMIME-Version: 1.0\r\n"
_MEBIBYTE = 1024 * 1024


def _attached(*parts: tuple[str, bytes]) -> bytes:
    told = "".join(
        f'--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(data).decode()}\r\n"
        for name, data in parts
    )
    text = "--b\r\nContent-Type: text/plain\r\n\r\nHarmless words\r\n"
    return f"{_HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{text}{told}--b--\r\n".encode()


def _parts_in_parts(depth: int) -> bytes:
    heads = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    return f"{_HEAD}{heads}Content-Type: text/plain\r\n\r\ndeep".encode()


def _mails_in_mails(depth: int) -> bytes:
    return f"{_HEAD}Content-Type: message/rfc822\r\n\r\n".encode() * depth + f"{_HEAD}\r\ndeep".encode()


def _page(lure: Lure) -> bytes:
    page = f"<p>words</p><img src={lure.url}/mail><link rel=stylesheet href={lure.url}/mail.css>"
    return f"{_HEAD}Content-Type: text/html\r\n\r\n{page}".encode()


def _outside(lure: Lure) -> bytes:
    kind = f'message/external-body; access-type=URL; URL="{lure.url}/body"; name="{lure.secret}"'
    return f"{_HEAD}Content-Type: {kind}\r\n\r\nContent-Type: text/plain\r\n\r\n".encode()


def _with_header(header: str) -> bytes:
    return f"{_HEAD}{header}\r\n\r\nHarmless words".encode()


def _every_pdf(lure: Lure) -> bytes:
    wanted = ("prev-in-circles.pdf", "kids-in-circles.pdf", "zeros.pdf", "password.pdf", "form-of-xml.pdf")
    return _attached(*((one.name, one.make(lure)) for one in PDFS if one.name in wanted))


_NAMES = ("../../outside.txt", "/etc/outside.txt", "a\\b.txt", "", "." * 300, "secret.txt%00.pdf")
CASES: list[Case] = [
    case("plain.eml", _attached(("a.txt", b"more words")), READ),
    case("names.eml", _attached(*((name, b"words") for name in _NAMES)), READ),
    case("bomb.eml", lambda _: _attached(("a.docx", KINDS[0].bomb(512 * _MEBIBYTE, 512 * _MEBIBYTE))), READ),
    case("bomb-that-lies.eml", lambda _: _attached(("a.xlsx", KINDS[2].bomb(64 * _MEBIBYTE, 1000)))),
    case("pdfs.eml", _every_pdf, READ),
    case("many.eml", lambda _: _attached(*[("a.txt", b"words")] * 5_000)),
    case("parts-in-parts.eml", lambda _: _parts_in_parts(5_000)),
    case("mails-in-mails.eml", lambda _: _mails_in_mails(300)),
    case("fetching.eml", _page, READ),
    case("outside.eml", _outside),
    case("long-header.eml", lambda _: _with_header("X-Long: " + "a" * 2_000_000), READ),
    case("long-date.eml", lambda _: _with_header("Date: " + "1 " * 500_000), READ),
    case("many-headers.eml", lambda _: _with_header("\r\n".join(f"X-{n}: b" for n in range(100_000)))),
    case("encoded-words.eml", lambda _: _with_header("Cc: " + "=?utf-8?q?a?= " * 50_000), READ),
    case("comments.eml", lambda _: _with_header("Reply-To: " + "(" * 50_000), READ),
    case("charset.eml", _with_header("Content-Type: text/plain; charset=rot13"), READ),
    case(
        "encoding.eml", _with_header("Content-Transfer-Encoding: uuencode\r\nContent-Type: text/plain"), READ, "empty"
    ),
    case("no-end.eml", f"{_HEAD}Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n".encode()),
    case("locked.eml", f"{_HEAD}Content-Type: application/pkcs7-mime\r\n\r\nxyz".encode(), "unsupported"),
]
