"""Files in the container that Office wrote until 2003 and still puts encrypted documents in: told, not read."""

from pathlib import Path
from typing import NoReturn

from core.errors import PasswordRequired, UnsupportedDocument

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams, as the container's directory has them.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_KINDS = (
    ("WordDocument", "Word", ".docx"),
    ("Workbook", "Excel", ".xlsx"),
    ("PowerPoint Document", "PowerPoint", ".pptx"),
    ("__substg1.0_", "Outlook", ".eml"),
    ("Book", "Excel", ".xlsx"),  # before 1997; last, since others may say the word
)


def refuse(path: Path) -> NoReturn:
    """Raise `PasswordRequired` for an encrypted document, else `UnsupportedDocument` with what to do instead."""
    data = path.read_bytes()
    if _ENCRYPTED in data:
        raise PasswordRequired("The document is encrypted. Give its password, or upload a copy without one.")
    for stream, program, extension in _KINDS:
        if stream.encode("utf-16-le") in data:
            raise UnsupportedDocument(
                f"This is a file of an old version of {program}. Save it as {extension} and upload that."
            )
    raise UnsupportedDocument("This is a file of an old office program. Save it in a current format and upload that.")
