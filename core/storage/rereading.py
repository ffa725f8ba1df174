"""Reading documents again with the current program. What was read before answers until the new reading is committed."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from core.errors import Conflict, NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.jobs import REPROCESS, job_values
from core.storage.rows import Row
from core.values import DocumentStatus, JobState

# SQLite allows 32,766 bound values in one statement.
_ROWS_AT_ONCE = 1_000
_AGAIN = (DocumentStatus.READY, DocumentStatus.FAILED)
_OPEN = (JobState.QUEUED, JobState.RUNNING)
_WHY_NOT = {
    DocumentStatus.PASSWORD_REQUIRED: "The document is locked by a password. Give its password instead.",
    DocumentStatus.QUARANTINED: "The document is held back for a reviewer.",
}


class Rereading:
    """Queues documents that are ready or failed. Those that wait or are being read are left alone: it happens once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def document(self, document_id: str, *, created_by: str | None = None) -> str | None:
        """Queue the newest version of a document; the job's id, None where one is under way.

        Raises `NotFound`, or `Conflict` for a document that has to be unlocked or released first.
        """
        mine = t.documents.c.id == document_id
        with self._database.write() as connection:
            _lock(connection, sa.select(t.documents.c.collection_id).where(mine).scalar_subquery())
            row = connection.execute(_newest(mine)).first()
            if row is None:
                raise NotFound("There is no such document, or you have no access to it.")
            if row.status in _WHY_NOT:
                raise Conflict(_WHY_NOT[DocumentStatus(row.status)])
            queued = _queue(connection, [row], created_by)
        return queued[0] if queued else None

    def collection(self, collection_id: str, *, created_by: str | None = None) -> list[str]:
        """Queue every document of a collection that can be read again; the ids of the jobs."""
        with self._database.write() as connection:
            _lock(connection, collection_id)
            rows = connection.execute(_newest(t.documents.c.collection_id == collection_id)).all()
            return _queue(connection, rows, created_by)


def _lock(connection: sa.Connection, collection_id: str | sa.ScalarSelect[str]) -> None:
    """Keep others from queuing the same, and uploads from adding versions, until the transaction ends."""
    connection.execute(
        sa.select(t.collections.c.id).where(t.collections.c.id == collection_id).with_for_update(key_share=True)
    )


def _newest(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns = (t.versions.c.id, t.versions.c.status, t.documents.c.collection_id, t.jobs.c.state.label("job_state"))
    return (
        sa.select(*columns)
        .select_from(t.documents)
        .join(t.versions, t.versions.c.id == t.documents.c.newest_version_id)
        .outerjoin(t.jobs, t.jobs.c.id == t.versions.c.job_id)
        .where(which)
        .order_by(t.documents.c.created_at)
    )


def _queue(connection: sa.Connection, rows: Sequence[Row], created_by: str | None) -> list[str]:
    chosen = [(row, str(uuid4())) for row in rows if row.status in _AGAIN and row.job_state not in _OPEN]
    for start in range(0, len(chosen), _ROWS_AT_ONCE):
        some = chosen[start : start + _ROWS_AT_ONCE]
        begun = connection.execute(sa.select(now())).scalar_one()
        jobs = [job_values(job_id, REPROCESS, row.id, row.collection_id, created_by) for row, job_id in some]
        connection.execute(t.jobs.insert(), [{**values, "created_at": begun} for values in jobs])
        connection.execute(
            t.versions.update()
            .where(t.versions.c.id == sa.bindparam("version"))
            .values(
                job_id=sa.bindparam("job"),
                # Without an answer there is nothing to keep up meanwhile.
                status=sa.case(
                    (t.versions.c.status == DocumentStatus.FAILED, DocumentStatus.QUEUED), else_=t.versions.c.status
                ),
                error_code=None,
                error_message=None,
            ),
            [{"version": row.id, "job": job_id} for row, job_id in some],
        )
    return [job_id for _, job_id in chosen]
