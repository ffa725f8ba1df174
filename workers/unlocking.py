"""Gives a locked document its password: an unlocked copy is stored beside the file, and the password is not.

Who may do so is decided by the callers.
"""

from typing import TYPE_CHECKING

from core.errors import Conflict
from core.storage.store import Store
from core.values import Document, DocumentStatus

if TYPE_CHECKING:
    from ingest.children import ParserPool


def unlock(
    store: Store, pool: "ParserPool", document: Document, password: str, *, created_by: str | None = None
) -> Document:
    """The document, queued to be read.

    Raises `Conflict` where it waits for no password, `WrongPassword` or another kind of `UnreadableDocument` where this
    one does not help, `NotFound`, `StorageFull`, `TooLarge`, `Unavailable`.
    """
    if document.status is not DocumentStatus.PASSWORD_REQUIRED:
        raise Conflict("The document does not wait for a password.")
    parts = pool.unlock(store.files.path(document.sha256), password)
    with store.files.receive() as incoming:
        for part in parts:
            incoming.write(part)
        staged = incoming.finish()
    return store.documents.unlock(document, staged, created_by=created_by)
