"""The change log of what is searchable, numbered by one sequence without gaps (invariant 3 of the design)."""

from collections.abc import Iterator

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import Database
from core.storage.rows import Row
from core.values import IndexChange, Operation

# The least id of some passages, and how many they are.
Span = tuple[int, int]
_COUNTER = "changes"
# Every search asks these, so they are built once.
_LATEST = sa.select(t.counters.c.n).where(t.counters.c.name == _COUNTER)
_SINCE = (
    sa.select(t.changes)
    .where(t.changes.c.sequence > sa.bindparam("after"))
    .order_by(t.changes.c.sequence)
    .limit(sa.bindparam("most"))
)


def record_change(
    connection: sa.Connection, operation: Operation, document_id: str, version_id: str | None, collection_id: str
) -> int:
    """Number and record a change inside the caller's transaction; make it that transaction's last statement.

    The increment locks the counter until commit, so numbers become visible in their order and none is lost. Older
    entries of the same document say nothing any more and are dropped.
    """
    sequence: int = connection.execute(
        t.counters.update().where(t.counters.c.name == _COUNTER).values(n=t.counters.c.n + 1).returning(t.counters.c.n)
    ).scalar_one()
    connection.execute(t.changes.delete().where(t.changes.c.document_id == document_id))
    connection.execute(
        t.changes.insert().values(
            sequence=sequence,
            operation=operation,
            document_id=document_id,
            version_id=version_id,
            collection_id=collection_id,
        )
    )
    return sequence


class Changes:
    """Reads the change log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self) -> int:
        """The number of the newest change, 0 before the first."""
        with self._database.read() as connection:
            return _latest(connection)

    def since(self, sequence: int, limit: int = 1000) -> list[IndexChange]:
        """Changes after `sequence`, oldest first. Only the newest change of each document is kept in the log."""
        with self._database.read() as connection:
            return [_change(row) for row in connection.execute(_SINCE, {"after": sequence, "most": limit})]

    def passages_after(self, sequence: int) -> int:
        """How many passages the publications after `sequence` hold."""
        query = (
            sa.select(sa.func.coalesce(sa.func.sum(t.versions.c.passages), 0))
            .join(t.changes, t.changes.c.version_id == t.versions.c.id)
            .where((t.changes.c.sequence > sequence) & (t.changes.c.operation == Operation.PUBLISH))
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def spans(self) -> Iterator[tuple[IndexChange, Span]]:
        """All changes, oldest first, each with the passages that it published: their least id and how many they are."""
        query = (
            sa.select(t.changes, sa.func.min(t.passages.c.id).label("first"), sa.func.count(t.passages.c.id).label("n"))
            .outerjoin(t.passages, t.passages.c.version_id == t.changes.c.version_id)
            .group_by(t.changes.c.sequence)
            .order_by(t.changes.c.sequence)
        )
        with self._database.read() as connection:
            for row in connection.execute(query):
                yield _change(row), (row.first or 0, row.n)

    def live(self) -> tuple[int, list[IndexChange]]:
        """The newest number and, consistent with it, one publication for each document that answers."""
        query = sa.select(t.changes).where(t.changes.c.operation == Operation.PUBLISH).order_by(t.changes.c.sequence)
        with self._database.read() as connection:
            # Publications first: on PostgreSQL each statement sees its own moment, and a change that slips in
            # between must be seen again later rather than be missed.
            changes = [_change(row) for row in connection.execute(query)]
            return (changes[-1].sequence if changes else 0), changes


def _latest(connection: sa.Connection) -> int:
    value: int = connection.execute(_LATEST).scalar_one()
    return value


def _change(row: Row) -> IndexChange:
    return IndexChange(row.sequence, Operation(row.operation), row.document_id, row.version_id, row.collection_id)
