"""Documents that wait for somebody to look at them: what is held back, and its release.

A document is held when its newest version is. Whose look is enough is decided in `core.access`, what is held by policy.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.errors import Conflict, NotFound
from core.storage import tables as t
from core.storage.chain import Entry
from core.storage.changes import record_change
from core.storage.database import Database, now
from core.storage.decisions import append_decisions
from core.storage.publishing import locked_version, make_current
from core.storage.rows import Row, moment
from core.storage.vectors import AGREED
from core.values import DocumentStatus, Operation


@dataclass(frozen=True, slots=True)
class Held:
    """A document that waits: `reasons` are kinds of what was found in it."""

    id: str
    collection_id: str
    path: str
    filename: str
    version_id: str
    version: int
    sha256: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    passages: int
    added_at: datetime


_HELD = (
    sa.select(
        t.documents.c.id,
        t.documents.c.collection_id,
        t.documents.c.path,
        t.documents.c.filename,
        t.documents.c.current_version_id,
        t.versions.c.id.label("version_id"),
        *[t.versions.c[name] for name in ("number", "sha256", "held", "warnings", "passages", "created_at")],
    )
    .join(t.versions, t.versions.c.id == t.documents.c.newest_version_id)
    .where(t.versions.c.status == DocumentStatus.QUARANTINED)
)


class Quarantine:
    """Lists what is held back, and releases it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, collections: Collection[str], *, after: str = "", limit: int = 100) -> list[Held]:
        """What waits in these collections, ordered by id; `after` is the last id of the page before."""
        within = t.documents.c.collection_id.in_(list(collections)) & (t.documents.c.id > after)
        with self._database.read() as connection:
            rows = connection.execute(_HELD.where(within).order_by(t.documents.c.id).limit(limit))
            return [_held(row) for row in rows]

    def get(self, document_id: str) -> Held:
        """The document, if it waits. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(_HELD.where(t.documents.c.id == document_id)).first()
        if row is None:
            raise NotFound("The document is not held back.")
        return _held(row)

    def release(self, held: Held, *, by: str | None, decisions: Sequence[Entry]) -> bool:
        """Let what waits answer from now on, and keep that these bytes of this document may, with the decisions.

        False where its passages lack vectors that answer by now: then it has to be read again first. Raises `Conflict`
        when it is not the same that waits any more.
        """
        with self._database.write() as connection:
            locked = sa.select(t.versions.c.id).where(t.versions.c.id == held.version_id).with_for_update()
            row = None
            if connection.execute(locked).first() is not None:
                row = connection.execute(_HELD.where(t.documents.c.id == held.id)).first()
            if row is None or row.version_id != held.version_id:
                raise Conflict("The document is not held back any more, or has changed. Look at it again.")
            if not is_released(connection, held.id, held.sha256):
                connection.execute(
                    t.releases.insert().values(
                        document_id=held.id, sha256=held.sha256, released_at=now(), released_by=by
                    )
                )
            append_decisions(connection, decisions)
            if not _is_embedded(connection, held.version_id):
                return False
            connection.execute(
                t.versions.update().where(t.versions.c.id == held.version_id).values(status=DocumentStatus.READY)
            )
            make_current(connection, locked_version(connection, held.version_id))
        return True


def is_released(connection: sa.Connection, document_id: str, sha256: str) -> bool:
    """Whether somebody has released these bytes of this document."""
    same = (t.releases.c.document_id == document_id) & (t.releases.c.sha256 == sha256)
    return connection.execute(sa.select(t.releases.c.document_id).where(same)).first() is not None


def hold_back(connection: sa.Connection, version_id: str, document: Row) -> int:
    """Take a version out of what answers, where it is in it; the number of the change, 0 for none.

    What answered before it does so again. Make it the transaction's last statement.
    """
    if document.current_version_id != version_id:
        return 0
    query = (
        sa.select(t.versions.c.id)
        .join(t.vectors, t.vectors.c.version_id == t.versions.c.id)
        .join(t.agreements, (t.agreements.c.name == AGREED) & (t.agreements.c.value == t.vectors.c.embedder))
        .where(
            (t.versions.c.document_id == document.document_id)
            & (t.versions.c.status == DocumentStatus.READY)
            & (t.versions.c.number < document.number)
        )
        .order_by(t.versions.c.number.desc())
        .limit(1)
    )
    before = connection.execute(query).scalar_one_or_none()
    # Of two versions never both answered at one moment: what is held back now did not, as far as anyone can tell.
    versions = t.versions.c
    connection.execute(
        t.versions.update().where(versions.id == version_id).values(published_at=None, superseded_at=None)
    )
    connection.execute(t.versions.update().where(versions.id == before).values(superseded_at=None))
    connection.execute(
        t.documents.update().where(t.documents.c.id == document.document_id).values(current_version_id=before)
    )
    operation = Operation.DELETE if before is None else Operation.PUBLISH
    return record_change(connection, operation, document.document_id, before, document.collection_id)


def _is_embedded(connection: sa.Connection, version_id: str) -> bool:
    query = (
        sa.select(t.vectors.c.version_id)
        .join(t.agreements, (t.agreements.c.name == AGREED) & (t.agreements.c.value == t.vectors.c.embedder))
        .where(t.vectors.c.version_id == version_id)
    )
    return connection.execute(query).first() is not None


def _held(row: Row) -> Held:
    return Held(
        id=row.id,
        collection_id=row.collection_id,
        path=row.path,
        filename=row.filename,
        version_id=row.version_id,
        version=row.number,
        sha256=row.sha256,
        reasons=tuple(row.held or ()),
        warnings=tuple(row.warnings),
        passages=row.passages,
        added_at=moment(row.created_at),
    )
