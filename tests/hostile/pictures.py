"""Pictures that say to be larger than any memory, and files that are two things at once."""

import struct
import zlib

from tests.hostile.case import Case, Lure, case
from tests.hostile.pdfs import CASES as PDFS


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG that says to have this size."""
    head = _chunk(b"IHDR", struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(chunks)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + _chunk(b"IEND", b"")
    )


def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """A TIFF of one directory: tag, type, count and value of each entry, and where the next directory is."""
    body = b"".join(struct.pack("<2H2L", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + body + struct.pack("<L", following)


def _size(width: int, height: int) -> tuple[tuple[int, int, int, int], ...]:
    return (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)


def _jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x01\x11\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0" + frame + b"\xff\xd9"


def _webp(width: int, height: int) -> bytes:
    data = b"VP8X" + struct.pack("<L", 10) + bytes(4) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return b"RIFF" + struct.pack("<L", len(data) + 4) + b"WEBP" + data


def _two_things(lure: Lure) -> bytes:
    plain = next(one for one in PDFS if one.name == "plain.pdf").make(lure)
    return plain + b"PK\x05\x06" + bytes(18)


def _text_bomb(_: Lure) -> bytes:
    return png(100_000, 100_000, _chunk(b"zTXt", b"a\0\0" + zlib.compress(b" " * 50_000_000, 9)))


_REFUSED = ("corrupt", "parser_limit", "unsupported")
CASES: list[Case] = [
    case("flood.png", png(40_000, 40_000), *_REFUSED),
    case("flood-without-end.png", png(2**31 - 1, 2**31 - 1), *_REFUSED),
    case("size-of-nothing.png", png(0, 0), *_REFUSED),
    case("text-bomb.png", _text_bomb, *_REFUSED),
    case("length-lies.png", png(50_000, 50_000).replace(b"IDAT", b"IDAT\xff"), *_REFUSED),
    case("signature-alone.png", b"\x89PNG\r\n\x1a\n", *_REFUSED),
    case("flood.jpeg", _jpeg(65_500, 65_500), *_REFUSED),
    case("flood.webp", _webp(16_777_215, 16_777_215), *_REFUSED),
    case("flood.tiff", tiff(*_size(100_000, 100_000)), *_REFUSED),
    case("in-circles.tiff", tiff(*_size(50_000, 50_000), following=8), *_REFUSED),
    case("far-away.tiff", tiff(*_size(9, 9), following=2**32 - 1), *_REFUSED, "read"),
    case("counts-lie.tiff", tiff((256, 4, 2**32 - 1, 2**32 - 1), (273, 4, 2**32 - 1, 8)), *_REFUSED),
    case("script.gif", b"GIF89a=1;alert(1);" + bytes(50), "unsupported"),
    case("two-things.pdf", _two_things, "read"),
    case("two-things.docx", _two_things, "read"),
]
