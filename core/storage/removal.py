"""Takes a document out of the database. Stored files go afterwards, when nothing else needs them (see `documents`)."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.changes import record_change
from core.storage.database import now
from core.storage.jobs import cancel_jobs
from core.storage.summaries import withdraw_results
from core.values import Operation


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out: when, the number of the change, how much, and the SHA-256 of the bytes."""

    at: float
    sequence: int
    versions: int
    pages: int
    passages: int
    files: tuple[str, ...]


def remove(connection: sa.Connection, document_id: str, collection_id: str) -> Removed:
    """Remove a document, and all that was made of it, inside the caller's transaction, as its last statements.

    No upload may add a version to it meanwhile.
    """
    of_it = t.versions.c.document_id == document_id
    versions = connection.execute(sa.select(t.versions.c.id, t.versions.c.sha256).where(of_it)).all()
    ids = [version.id for version in versions]
    pages = _count(connection, t.pages.c.version_id.in_(ids))
    passages = _count(connection, t.passages.c.version_id.in_(ids))
    cancel_jobs(connection, ids)
    connection.execute(t.documents.delete().where(t.documents.c.id == document_id))
    withdraw_results(connection, document_id)
    at = connection.execute(sa.select(now())).scalar_one()
    sequence = record_change(connection, Operation.DELETE, document_id, None, collection_id)
    files = tuple(sorted({version.sha256 for version in versions}))
    return Removed(at, sequence, len(ids), pages, passages, files)


def _count(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> int:
    value: int = connection.execute(sa.select(sa.func.count()).where(condition)).scalar_one()
    return value
