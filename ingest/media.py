"""Which format a file has, told from its content; its name only decides where the content says nothing."""

import mimetypes
from pathlib import Path, PurePosixPath

from core.errors import EmptyDocument, UnsupportedDocument
from ingest.parsers import Parser, all_parsers

_HEAD_BYTES = 64 * 1024
# The table inside Python, not the one of this machine: the same file gets the same warning everywhere.
_NAMES = mimetypes.MimeTypes(filenames=())
for _extension in (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".msg"):
    _NAMES.add_type("application/x-office", _extension)


def choose_parser(path: Path, filename: str) -> tuple[Parser, tuple[str, ...]]:
    """The parser for the file at `path` that people call `filename`, and warnings (`type_mismatch`).

    Raises `EmptyDocument` for a file without bytes and `UnsupportedDocument` where no parser fits.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise EmptyDocument("The file is empty: it has 0 bytes. Check the original and upload it again.")
    for parser in all_parsers():
        if parser.recognises(head):
            return parser, _name_warnings(parser, filename)
    extension = PurePosixPath(filename).suffix.lower()
    for parser in all_parsers():
        if extension in parser.extensions:
            return parser, ()
    raise UnsupportedDocument(
        "This kind of file cannot be read. PDF and plain text can: convert the document to one of these."
    )


def _name_warnings(parser: Parser, filename: str) -> tuple[str, ...]:
    guessed, _ = _NAMES.guess_type(filename, strict=False)
    if guessed is None or parser.may_be_called(guessed):
        return ()
    return ("type_mismatch",)
