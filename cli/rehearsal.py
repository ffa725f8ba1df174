"""`archivar add --dry-run`: what adding these files would change. Nothing is stored."""

import hashlib
from collections.abc import Iterator, Sequence

from cli.mirroring import documents_of
from cli.sources import Source
from core.errors import ArchivarError, NotFound
from core.names import clean_path
from core.storage.store import Store
from core.values import Change, Failure
from core.wire import Json, failure_json


def rehearsed(store: Store, collection: str, found: Sequence[Source], *, keep_both: bool) -> Iterator[Json]:
    """A row for each file, in their order: its path, and the change or the error."""
    known = {document.path: document.sha256 for document in documents_of(store, collection)}
    for source in found:
        path, change, error = source.path, None, None
        try:
            path = clean_path(source.path)
            change = _change(source, known.get(path), keep_both=keep_both)
        except ArchivarError as trouble:
            error = Failure(trouble.code, trouble.message)
        except OSError as trouble:
            error = Failure("not_readable", trouble.strerror or type(trouble).__name__)
        yield {"path": path, "change": change.value if change else None, "error": failure_json(error)}


def _change(source: Source, known: str | None, *, keep_both: bool) -> Change:
    if source.error is not None:
        raise source.error
    if not source.file.exists():
        raise NotFound("There is no such file or folder.")
    with source.file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    if known is None:
        return Change.ADDED
    if known == sha256:
        return Change.UNCHANGED
    return Change.ADDED if keep_both else Change.NEW_VERSION
