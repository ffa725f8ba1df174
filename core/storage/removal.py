"""Takes a document out of the database. Stored files go afterwards, when nothing else needs them (see `documents`)."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.changes import record_change
from core.storage.database import now
from core.storage.erasure import Gone, erase_excerpts
from core.storage.jobs import cancel_jobs
from core.storage.receipts import begin_receipt
from core.storage.remains import traces
from core.storage.summaries import withdraw_results
from core.storage.withdrawal import withdraw_answers
from core.values import Operation


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out: when, the number of the change, how much, and the SHA-256 of the bytes; its receipt's id."""

    at: float
    sequence: int
    versions: int
    pages: int
    passages: int
    files: tuple[str, ...]
    receipt_id: str


def remove(connection: sa.Connection, document_id: str, collection_id: str, *, by: str | None = None) -> Removed:
    """Remove a document, and all that was made of it, inside the caller's transaction, as its last statements.

    No upload may add a version to it meanwhile.
    """
    of_it = t.versions.c.document_id == document_id
    columns = t.versions.c.id, t.versions.c.sha256, t.versions.c.unlocked_sha256
    versions = connection.execute(sa.select(*columns).where(of_it)).all()
    ids = [version.id for version in versions]
    pages = _count(connection, t.pages.c.version_id.in_(ids))
    query = sa.select(t.passages.c.id, t.passages.c.text).where(t.passages.c.version_id.in_(ids))
    passages = {row.id: row.text for row in connection.execute(query.order_by(t.passages.c.id))}
    left = traces(document_id, ids, list(passages.values()))
    name = connection.execute(sa.select(t.documents.c.filename).where(t.documents.c.id == document_id)).scalar_one()
    cancel_jobs(connection, ids)
    connection.execute(t.documents.delete().where(t.documents.c.id == document_id))
    withdraw_results(connection, document_id)
    answers = withdraw_answers(connection, document_id)
    excerpts = erase_excerpts(connection, Gone(document_id, passages))
    at = connection.execute(sa.select(now())).scalar_one()
    hashes = {one for version in versions for one in (version.sha256, version.unlocked_sha256) if one}
    files = tuple(sorted(hashes))
    counts = {"versions": len(ids), "pages": pages, "passages": len(passages), "answers": answers}
    counts["excerpts"] = excerpts
    told: dict[str, Any] = {"document_id": document_id, "filename": name, "collection_id": collection_id, "by": by}
    told |= {"removed": counts, "sha256": list(files)}
    receipt_id = begin_receipt(connection, told, left, subject=document_id, at=at)
    sequence = record_change(connection, Operation.DELETE, document_id, None, collection_id)
    return Removed(at, sequence, len(ids), pages, len(passages), files, receipt_id)


def _count(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> int:
    value: int = connection.execute(sa.select(sa.func.count()).where(condition)).scalar_one()
    return value
