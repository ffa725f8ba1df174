"""`archivar add FOLDER --remove-missing`: which documents of the collection are no longer in the folder, and their
deletion. What is in the folder is added elsewhere.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.sources import Source
from core.errors import ArchivarError, Conflict, InvalidRequest, NotFound
from core.names import clean_path
from core.storage.collections import collection_name
from core.storage.store import Store
from core.values import Document, Failure
from core.wire import Json, failure_json

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Removal:
    """What `--remove-missing` did, or in a dry run would do: documents with the ids of their receipts, or the reason
    why none was removed."""

    removed: tuple[tuple[Document, str], ...] = ()
    error: Failure | None = None

    def json(self) -> Json:
        """As `--json` prints it."""
        rows = [{"id": one.id, "path": one.path, "receipt": receipt or None} for one, receipt in self.removed]
        return {"removed": rows, "error": failure_json(self.error)}


class Mirror:
    """The documents of a collection as they were before its folder was looked at.

    What others add meanwhile is not in it, and is never removed. Raises `InvalidRequest` unless it is one folder.
    """

    def __init__(self, store: Store, collection: str, paths: Sequence[Path]) -> None:
        if len(paths) != 1 or (paths[0].exists() and not paths[0].is_dir()):
            raise InvalidRequest("--remove-missing takes one folder: the one that the collection mirrors.")
        self._store = store
        self._folder = paths[0]
        self._documents = {document.path: document for document in documents_of(store, collection)}

    def missing(self, found: Sequence[Source]) -> Iterator[Document]:
        """The documents that are not in the folder. Raises `Conflict` where nobody can tell what is missing."""
        if any(source.error for source in found) or not self._folder.is_dir():
            raise Conflict("Nothing was removed: the folder, or a part of it, is not there or cannot be read.")
        if not found:
            raise Conflict(
                "Nothing was removed: the folder is empty. Check that its disk is there. To remove all documents, "
                "delete the collection."
            )
        there = set(map(_known_as, found))
        for path, document in self._documents.items():
            # What is a link by now, or hidden, is not added, but it is not gone either.
            if path not in there and not os.path.lexists(self._folder / path):
                yield document

    def remove(self, found: Sequence[Source], may_remove: Callable[[Sequence[Document]], bool]) -> Removal:
        """Delete what is missing, each with its receipt, if `may_remove` says so of them."""
        removed: list[tuple[Document, str]] = []
        try:
            missing = list(self.missing(found))
            for document in missing if missing and may_remove(missing) else []:
                try:
                    receipt = self._store.documents.delete(document.id).receipt
                except NotFound:  # somebody was faster
                    continue
                removed.append((document, receipt.id))
        except ArchivarError as error:
            return Removal(tuple(removed), Failure(error.code, error.message))
        return Removal(tuple(removed))

    def look(self, found: Sequence[Source]) -> Removal:
        """What `remove` would do."""
        try:
            return Removal(tuple((document, "") for document in self.missing(found)))
        except Conflict as error:
            return Removal(error=Failure(error.code, error.message))


def documents_of(store: Store, collection: str) -> Iterator[Document]:
    """All documents of the collection of this name; none where there is no such collection."""
    try:
        collection_id = store.collections.by_name(collection_name(collection)).id
    except NotFound:
        return
    after = ""
    while page := store.documents.page(collection_id, after=after, limit=_AT_ONCE):
        yield from page
        after = page[-1].id


def _known_as(source: Source) -> str:
    try:
        return clean_path(source.path)
    except InvalidRequest:
        return source.path
