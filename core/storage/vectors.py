"""The vectors of several embedders beside each other: what one of them lacks, and what is no longer needed.

The vectors of a publication are stored by `passages`, and searched by `retrieval.index`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import Conflict
from core.storage import tables as t
from core.storage.changes import record_change
from core.storage.database import Database
from core.storage.token_codes import put_codes
from core.values import Operation

# The name of the agreement that says whose vectors answer.
AGREED = "embedder"
_ROWS_AT_ONCE = 200
_FP16_BYTES = 2


def lacking(embedder: str, dimensions: int) -> sa.Select[tuple[str, int]]:
    """Id and passages of the versions that answer without a vector of the embedder, so long, for each passage."""
    expected = t.versions.c.passages * (dimensions * _FP16_BYTES)
    return (
        sa.select(t.versions.c.id, t.versions.c.passages)
        .join(t.documents, t.documents.c.current_version_id == t.versions.c.id)
        .outerjoin(t.vectors, (t.vectors.c.version_id == t.versions.c.id) & (t.vectors.c.embedder == embedder))
        .where(
            t.vectors.c.count.is_(None)
            | (t.vectors.c.count != t.versions.c.passages)
            | (sa.func.length(t.vectors.c.data) != expected)
        )
    )


class Vectors:
    """Stores vectors beside those that answer, and removes what no longer does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lacking(self, embedder: str, dimensions: int, limit: int = 1000) -> list[tuple[str, int]]:
        """Versions that answer and have no vectors of the embedder yet, with how many passages each has."""
        with self._database.read() as connection:
            rows = connection.execute(lacking(embedder, dimensions).order_by(t.versions.c.id).limit(limit))
            return [(row.id, row.passages) for row in rows]

    def counted(self, embedder: str) -> list[tuple[str, int]]:
        """The versions that answer and have vectors of the embedder, with how many that should be."""
        query = (
            sa.select(t.vectors.c.version_id, t.vectors.c.count.label("passages"))
            .join(t.documents, t.documents.c.current_version_id == t.vectors.c.version_id)
            .where(t.vectors.c.embedder == embedder)
            .order_by(t.vectors.c.version_id)
        )
        with self._database.read() as connection:
            return [(row.version_id, row.passages) for row in connection.execute(query)]

    def passages_lacking(self, embedder: str, dimensions: int) -> int:
        """How many passages that answer have no vector of the embedder."""
        versions = lacking(embedder, dimensions).subquery()
        with self._database.read() as connection:
            value = connection.execute(sa.select(sa.func.coalesce(sa.func.sum(versions.c.passages), 0))).scalar_one()
            return int(value)

    def embedded(self, version_ids: Sequence[str], embedder: str) -> set[str]:
        """Those of the versions that have vectors of the embedder."""
        query = sa.select(t.vectors.c.version_id).where(
            t.vectors.c.version_id.in_(version_ids) & (t.vectors.c.embedder == embedder)
        )
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def put(
        self, version_id: str, embedder: str, passages: Sequence[int], data: bytes, codes: Sequence[bytes] = ()
    ) -> bool:
        """Store one little-endian fp16 row for each of a version's passages, given by their ids in their order.

        `codes` are what is kept of the tokens of each, where the embedder has any.

        Where the embedder is the agreed one, the indexes are told by a change. False, and nothing is stored, when these
        are no longer the version's passages.
        """
        row = {"version_id": version_id, "embedder": embedder, "count": len(passages), "data": data}
        try:
            with self._database.write() as connection:
                insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(t.vectors)
                locked = sa.select(t.versions.c.id).where(t.versions.c.id == version_id).with_for_update()
                if connection.execute(locked).first() is None or not _are_of(connection, version_id, passages):
                    return False
                connection.execute(
                    insert.values(row).on_conflict_do_update(index_elements=["version_id", "embedder"], set_=row)
                )
                put_codes(connection, version_id, embedder, codes)
                _tell_if_agreed(connection, version_id, embedder)
        except Conflict:  # the document was deleted at this moment
            return False
        return True

    def keep_only(self, embedder: str) -> int:
        """Remove the vectors of all other embedders, a few at a time so that nobody waits; how many rows."""
        some = sa.select(t.vectors.c.version_id, t.vectors.c.embedder).where(t.vectors.c.embedder != embedder)
        removed = 0
        while True:
            with self._database.write() as connection:
                rows = connection.execute(some.limit(_ROWS_AT_ONCE)).all()
                for row in rows:
                    mine = (t.vectors.c.version_id == row.version_id) & (t.vectors.c.embedder == row.embedder)
                    connection.execute(t.vectors.delete().where(mine))
                    put_codes(connection, row.version_id, row.embedder, ())
            removed += len(rows)
            if not rows:
                return removed


def _tell_if_agreed(connection: sa.Connection, version_id: str, embedder: str) -> None:
    agreed = sa.exists().where((t.agreements.c.name == AGREED) & (t.agreements.c.value == embedder))
    query = sa.select(t.documents.c.id, t.documents.c.collection_id).where(
        (t.documents.c.current_version_id == version_id) & agreed
    )
    document = connection.execute(query).first()
    if document is not None:
        record_change(connection, Operation.PUBLISH, document.id, version_id, document.collection_id)


def _are_of(connection: sa.Connection, version_id: str, passages: Sequence[int]) -> bool:
    query = sa.select(t.passages.c.id).where(t.passages.c.version_id == version_id).order_by(t.passages.c.position)
    return list(connection.execute(query).scalars()) == list(passages)
