"""ZIP files as office programs write them: checked before anything is unpacked, parts read one by one as XML.

Nothing outside of the file is ever read: no entities, no DTDs, no network, and relations to elsewhere are left alone.
"""

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from lxml import etree

from core.errors import CorruptDocument, ParserLimit, PasswordRequired
from ingest.cleaning import clean_line

_MEBIBYTE = 1024 * 1024
_MOST_MEMBERS = 10_000
_MOST_BYTES = 512 * _MEBIBYTE  # of all members, unpacked; pictures are never unpacked
_MOST_XML_BYTES = 50 * _MEBIBYTE  # a tree takes about ten times as much memory
_SMALL = 8 * _MEBIBYTE  # what may shrink to nothing
_MOST_RATIO = 100
_DECLARED_WITHIN = 65_536  # declarations stand before the first element
_ENCRYPTED = 0x1  # general purpose bit 0, APPNOTE 4.4.4
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TYPES = "[Content_Types].xml"
_MOST_TYPES_BYTES = 4 * _MEBIBYTE
_ODF = "mimetype"
_MOST_ODF_BYTES = 200

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What the main part may be: a document, a template, a slide show, each with macros or without.
_MAIN = (
    ("ms-word.", WORD),
    ("wordprocessingml.document.main", WORD),
    ("wordprocessingml.template.main", WORD),
    ("ms-powerpoint.", SLIDES),
    ("presentationml.presentation.main", SLIDES),
    ("presentationml.slideshow.main", SLIDES),
    ("presentationml.template.main", SLIDES),
    ("ms-excel.", SHEETS),
    ("spreadsheetml.sheet.main", SHEETS),
    ("spreadsheetml.template.main", SHEETS),
)

# The strict form of the standard has other names for the same things.
_STRICT = b"http://purl.oclc.org/ooxml/"
_USUAL = b"http://schemas.openxmlformats.org/"
_NAMESPACES = (
    (_STRICT + b"wordprocessingml/main", _USUAL + b"wordprocessingml/2006/main"),
    (_STRICT + b"presentationml/main", _USUAL + b"presentationml/2006/main"),
    (_STRICT + b"drawingml/main", _USUAL + b"drawingml/2006/main"),
    (_STRICT + b"drawingml/chart", _USUAL + b"drawingml/2006/chart"),
    (_STRICT + b"officeDocument/math", _USUAL + b"officeDocument/2006/math"),
    (_STRICT + b"officeDocument/relationships", _USUAL + b"officeDocument/2006/relationships"),
)

CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_CORE_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STEP_BYTES, _OVERLAP_BYTES = 4 * 1024 * 1024, 1024
Element = etree._Element  # lxml gives its elements no public name


@dataclass(frozen=True, slots=True)
class Relation:
    """From one part to another: `kind` is the last word of its type, such as `styles`."""

    kind: str
    target: str


class Package:
    """An open package. Raises `CorruptDocument`, `ParserLimit` or `PasswordRequired` when it is not fit to be read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            self._file.close()
            raise CorruptDocument(
                "The file is damaged or incomplete and cannot be opened. Upload an intact copy."
            ) from error
        try:
            _check(self._zip.infolist())
        except (ParserLimit, PasswordRequired):
            self.close()
            raise
        self._names = {name.casefold(): name for name in self._zip.namelist()}

    def names(self) -> list[str]:
        """The names of all parts."""
        return list(self._names)

    def has(self, part: str) -> bool:
        """Whether there is such a part; case does not count."""
        return part.casefold() in self._names

    def read(self, part: str, most: int = _MOST_XML_BYTES) -> bytes:
        """The bytes of a part. Raises `CorruptDocument` where there is none, `ParserLimit` when it is too large."""
        name = self._names.get(part.casefold())
        if name is None:
            raise CorruptDocument(f"The document is incomplete: its part {part[:100]} is missing. Save it again.")
        if self._zip.getinfo(name).file_size > most:
            raise ParserLimit("A part of the document is too large to be read. Split the document.")
        try:
            return self._zip.read(name)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            ValueError,
        ) as error:
            raise CorruptDocument("A part of the document is damaged. Save it again and upload that.") from error

    def tree(self, part: str) -> Element:
        """The root of a part that is XML. Raises as `read` does, and `CorruptDocument` for what is no sound XML."""
        return parsed(self.read(part))

    def refuse_declarations(self, part: str) -> None:
        """Raise `CorruptDocument` where an XML part begins with a DTD, for parts that others read."""
        try:
            with self._zip.open(self._names[part.casefold()]) as file:
                head = file.read(_DECLARED_WITHIN)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
            raise CorruptDocument("A part of the document is damaged. Save it again and upload that.") from error
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head or "<!DOCTYPE".encode("utf-16-le") in head:
            raise CorruptDocument(
                "A part of the document declares a document type, which no office program does. It may be harmful."
            )

    def holds(self, part: str, pattern: re.Pattern[bytes]) -> bool:
        """Whether a part has something in it that the pattern, of at most a thousand bytes, describes.

        The part may be of any size. What cannot be unpacked has nothing in it.
        """
        try:
            with self._zip.open(self._names[part.casefold()]) as file:
                return _is_in(file, pattern)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
            return False

    def relations(self, part: str) -> dict[str, Relation]:
        """Where a part points within the package, by id; the empty part is the package itself."""
        folder, name = posixpath.split(part)
        own = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(own):
            return {}
        found = {}
        for one in self.tree(own).iter(_RELATION):
            if one.get("TargetMode") == "External":
                continue
            target = unquote(one.get("Target", ""))
            whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[one.get("Id", "")] = Relation(one.get("Type", "").rpartition("/")[2], whole)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """The parts of this kind that a part points at, those that are there."""
        return [one.target for one in self.relations(part).values() if one.kind == kind and self.has(one.target)]

    def title(self) -> str:
        """The title among the properties of the document; empty where there is none."""
        core = next(iter(self.related("", "core-properties")), "")
        try:
            found = self.tree(core).find(_CORE_TITLE) if core else None
        except CorruptDocument:  # the text may still be sound
            return ""
        return clean_line(found.text or "") if found is not None else ""

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()


def _is_in(file: IO[bytes], pattern: re.Pattern[bytes]) -> bool:
    before = b""
    while step := file.read(_STEP_BYTES):
        if pattern.search(before + step):
            return True
        before = step[-_OVERLAP_BYTES:]
    return False


def parsed(data: bytes) -> Element:
    """The root of an XML document. Raises `CorruptDocument`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    if _STRICT in data:
        for strict, usual in _NAMESPACES:
            data = data.replace(strict, usual)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CorruptDocument("A part of the document is damaged: it is no sound XML. Save it again.") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):  # type: ignore[union-attr]
        raise CorruptDocument(
            "A part of the document declares entities, which no office program does. It may be harmful."
        )
    return root


def package_type(path: Path) -> str:
    """The media type of the office document in a ZIP file; empty where it holds something else or cannot be opened."""
    try:
        with path.open("rb") as whole, zipfile.ZipFile(whole) as file:
            names = set(file.namelist())
            if _TYPES in names and file.getinfo(_TYPES).file_size <= _MOST_TYPES_BYTES:
                types = file.read(_TYPES).decode("utf-8", "replace")
                return next((media_type for main, media_type in _MAIN if main in types and "main+xml" in types), "")
            if _ODF in names and file.getinfo(_ODF).file_size <= _MOST_ODF_BYTES:
                return file.read(_ODF).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        return ""
    return ""


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise ParserLimit(f"The file has more than {_MOST_MEMBERS:,} parts. It may be harmful; nothing of it was read.")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise PasswordRequired("The file is protected by a password. Save a copy without one and upload that.")
    swollen = (one for one in members if one.file_size > _SMALL and one.file_size > _MOST_RATIO * one.compress_size)
    if sum(member.file_size for member in members) > _MOST_BYTES or any(swollen):
        raise ParserLimit("Unpacked, the file would be too large. It may be harmful; nothing of it was read.")
