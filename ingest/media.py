"""Which format a file has, told from its content; its name only decides where the content says nothing."""

import mimetypes
from pathlib import Path, PurePosixPath

from core.errors import EmptyDocument, UnsupportedDocument
from core.filters import SHORT_TYPES
from ingest import ole
from ingest.packages import SHEETS, SLIDES, WORD, package_type
from ingest.parsers import Parser, Sample, all_parsers

_HEAD_BYTES = 64 * 1024
_ZIP = b"PK\x03\x04"
# The table inside Python, not the one of this machine: the same file gets the same warning everywhere.
_NAMES = mimetypes.MimeTypes(filenames=())
for _short, _media_type in SHORT_TYPES.items():
    _NAMES.add_type(_media_type, f".{_short}")
for _extension, _media_type in (
    (".docm", WORD),
    (".dotx", WORD),
    (".pptm", SLIDES),
    (".ppsx", SLIDES),
    (".xlsm", SHEETS),
):
    _NAMES.add_type(_media_type, _extension)


def choose_parser(path: Path, filename: str) -> tuple[Parser, tuple[str, ...]]:
    """The parser for the file at `path` that people call `filename`, and warnings (`type_mismatch`).

    Raises `EmptyDocument` for a file without bytes and `UnsupportedDocument` where no parser fits,
    `PasswordRequired` for encrypted documents of office programs.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise EmptyDocument("The file is empty: it has 0 bytes. Check the original and upload it again.")
    if head.startswith(ole.SIGNATURE):
        ole.refuse(path)
    extension = PurePosixPath(filename).suffix.lower()
    sample = Sample(head, package_type(path) if head.startswith(_ZIP) else "", extension)
    for parser in all_parsers():
        if parser.recognises(sample):
            return parser, _name_warnings(parser, filename)
    for parser in all_parsers():
        if extension in parser.extensions:
            return parser, ()
    if head.startswith(_ZIP) and not sample.package:
        raise UnsupportedDocument("This is an archive. Unpack it and upload what is in it.")
    *most, last = (parser.title for parser in all_parsers())
    raise UnsupportedDocument(
        f"This kind of file cannot be read. {', '.join(most)} and {last} can: convert the document to one of these."
    )


def _name_warnings(parser: Parser, filename: str) -> tuple[str, ...]:
    guessed, _ = _NAMES.guess_type(filename, strict=False)
    if guessed is None or parser.may_be_called(guessed):
        return ()
    return ("type_mismatch",)
