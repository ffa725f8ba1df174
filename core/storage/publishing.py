"""Makes a version the one that answers, and notes since when it does. What is read from it is stored in `passages`."""

import sqlalchemy as sa

from core.errors import LeaseLost
from core.storage import tables as t
from core.storage.changes import record_change
from core.storage.database import now
from core.storage.rows import Row
from core.values import Operation


def locked_version(connection: sa.Connection, version_id: str) -> Row:
    """A version with its document, which nobody else changes until the transaction ends. Raises `LeaseLost`."""
    query = (
        sa.select(
            t.versions.c.id,
            t.versions.c.number,
            t.versions.c.document_id,
            t.versions.c.sha256,
            t.documents.c.collection_id,
            t.documents.c.filename,
            t.documents.c.current_version_id,
        )
        .join(t.documents, t.documents.c.id == t.versions.c.document_id)
        .where(t.versions.c.id == version_id)
        .with_for_update()
    )
    row = connection.execute(query).first()
    if row is None:
        raise LeaseLost("The document was deleted while it was being read.")
    return row


def make_current(connection: sa.Connection, version: Row) -> int:
    """Let the version answer, unless a newer one does; the number of the change. The transaction's last statement."""
    answering = sa.select(t.versions.c.number).where(t.versions.c.id == version.current_version_id)
    newest_published = connection.execute(answering).scalar_one_or_none() or 0
    published = version.id
    overtaken = newest_published > version.number
    if overtaken:
        published = version.current_version_id
    _note_times(connection, version, overtaken=overtaken)
    connection.execute(
        t.documents.update().where(t.documents.c.id == version.document_id).values(current_version_id=published)
    )
    return record_change(connection, Operation.PUBLISH, version.document_id, published, version.collection_id)


def _note_times(connection: sa.Connection, version: Row, *, overtaken: bool) -> None:
    """Note since when the version answers, and that its forerunner does not; reading it again changes nothing."""
    versions = t.versions.c
    began = sa.select(versions.published_at).where(versions.id == version.current_version_id)
    before = connection.execute(began).scalar_one_or_none() or 0.0
    # A clock that was put back must not let two versions answer at one moment.
    at = max(connection.execute(sa.select(now())).scalar_one(), before)
    unnoted = (versions.id == version.id) & versions.published_at.is_(None)
    ended = at if overtaken else None
    connection.execute(t.versions.update().where(unnoted).values(published_at=at, superseded_at=ended))
    if not overtaken:
        forerunner = (versions.id == version.current_version_id) & (versions.id != version.id)
        connection.execute(t.versions.update().where(forerunner).values(superseded_at=at))
