"""Names and paths given by people, made safe to store and show. They never reach the file system."""

import unicodedata

from core.errors import InvalidRequest

_MAX_PART_BYTES = 255
_MAX_PATH_CHARS = 1024
_MAX_TAG_CHARS = 64
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_MARKS = frozenset("\u061c\u200e\u200f")


def clean_path(raw: str) -> str:
    """A relative path with `/` between its parts: NFC, no control characters, no `.` or `..`, never empty.

    Raises `InvalidRequest` when the path is longer than 1,024 characters.
    """
    text = unicodedata.normalize("NFC", raw).replace("\\", "/")
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"})
    parts = [_shortened(part) for part in (p.strip() for p in text.split("/")) if part.strip(".")]
    path = "/".join(parts) or "unnamed"
    if len(path) > _MAX_PATH_CHARS:
        raise InvalidRequest(f"The path is longer than {_MAX_PATH_CHARS} characters.")
    return path


def shown(name: str) -> str:
    """A name without the characters that turn text around: they can make `exe.txt` look like `txt.exe`."""
    return "".join(c for c in name if unicodedata.bidirectional(c) not in _TURNING and c not in _MARKS)


def clean_tag(raw: str) -> str:
    """A tag as it is kept and compared: NFC, in lower case, with single spaces.

    Raises `InvalidRequest` unless it has 1 to 64 printable characters. Commas separate tags, so none is in one.
    """
    tag = " ".join(unicodedata.normalize("NFC", raw.lower()).split())
    if not tag or len(tag) > _MAX_TAG_CHARS or not tag.isprintable() or "," in tag:
        raise InvalidRequest(f"A tag has 1 to {_MAX_TAG_CHARS} printable characters and no comma.")
    return tag


def numbered(path: str, number: int) -> str:
    """The path with ` (number)` before its extension: `a/b.pdf`, 2 -> `a/b (2).pdf`."""
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    return f"{folder}{slash}{stem} ({number}){dot}{extension}"


def _shortened(part: str) -> str:
    encoded = part.encode()
    if len(encoded) <= _MAX_PART_BYTES:
        return part
    stem, dot, extension = part.rpartition(".")
    tail = f"{dot}{extension}" if stem and len(extension) <= 10 else ""
    room = _MAX_PART_BYTES - len(tail.encode())
    return encoded[:room].decode(errors="ignore") + tail
