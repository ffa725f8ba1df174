"""The versions of documents over time: which one answered when, and what became of it. Uploads are in `documents`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.filters import Filter
from core.storage import tables as t
from core.storage.database import Database
from core.storage.filtering import answered_at, holds
from core.storage.rows import Row, version_summary
from core.versions import Answered, VersionSummary

# SQLite allows 32,766 bound values in one statement.
_IDS_AT_ONCE = 5_000


def _answered(row: Row) -> Answered:
    return Answered(
        row.document_id, row.version_id, row.collection_id, row.reading, row.passages, current=bool(row.current)
    )


class History:
    """Reads what was once current."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self, document_id: str) -> list[VersionSummary]:
        """All versions of a document, the newest first."""
        query = (
            sa.select(t.versions, t.documents.c.current_version_id, t.users.c.email)
            .join(t.documents, t.documents.c.id == t.versions.c.document_id)
            .outerjoin(t.users, t.users.c.id == t.versions.c.created_by)
            .where(t.versions.c.document_id == document_id)
            .order_by(t.versions.c.number.desc())
        )
        with self._database.read() as connection:
            return [version_summary(row) for row in connection.execute(query)]

    def answered(self, within: Filter) -> dict[str, Answered]:
        """By the ids of their documents the versions within the filter that answered at the moment of its `as_of`."""
        columns = (t.versions.c.document_id, t.versions.c.id.label("version_id"), t.documents.c.collection_id)
        current = (t.documents.c.current_version_id == t.versions.c.id).label("current")
        reading = sa.func.coalesce(t.versions.c.job_id, "").label("reading")
        query = (
            sa.select(*columns, reading, t.versions.c.passages, current)
            .join(t.documents, t.documents.c.id == t.versions.c.document_id)
            .where(*answered_at(within.as_of_moment), *holds(replace(within, as_of=None)))
        )
        with self._database.read() as connection:
            return {row.document_id: _answered(row) for row in connection.execute(query)}

    def cited(self, passage_ids: Collection[int]) -> dict[int, int]:
        """The numbers of the versions that passages stand in, by the passages' ids; those that are gone left out."""
        query = sa.select(t.passages.c.id, t.versions.c.number).join(
            t.versions, t.versions.c.id == t.passages.c.version_id
        )
        return dict(self._numbers(query, t.passages.c.id, sorted(passage_ids)))

    def current(self, document_ids: Collection[str]) -> dict[str, int]:
        """The numbers of the versions that answer now, by the ids of their documents."""
        query = sa.select(t.documents.c.id, t.versions.c.number).join(
            t.versions, t.versions.c.id == t.documents.c.current_version_id
        )
        return dict(self._numbers(query, t.documents.c.id, sorted(document_ids)))

    def _numbers(
        self, query: sa.Select[Any], column: sa.Column[Any], ids: Sequence[int] | Sequence[str]
    ) -> Iterator[tuple[Any, int]]:
        with self._database.read() as connection:
            for start in range(0, len(ids), _IDS_AT_ONCE):
                some = column.in_(ids[start : start + _IDS_AT_ONCE])
                yield from ((row.id, row.number) for row in connection.execute(query.where(some)))
