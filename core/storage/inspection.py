"""Counts and lists for proving that files, rows, passages and vectors belong together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import Database
from core.storage.dropping import NEEDED, needed_by
from core.values import DocumentStatus


@dataclass(frozen=True, slots=True)
class Totals:
    """How much is stored: published passages are those that searches can find."""

    documents: int
    versions: int
    files: int
    passages: int
    published_passages: int


class Inspection:
    """Read-only views across tables, for `doctor` and health checks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ping(self) -> None:
        """Raise `Unavailable` unless the database answers."""
        with self._database.read() as connection:
            connection.execute(sa.select(1))

    def totals(self) -> Totals:
        """Sizes of the main tables."""
        with self._database.read() as connection:
            documents, versions, files, passages = (
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (t.documents, t.versions, t.files, t.passages)
            )
            return Totals(documents, versions, files, passages, _published_passages(connection))

    def published_passages(self) -> int:
        """How many passages searches can find."""
        with self._database.read() as connection:
            return _published_passages(connection)

    def files(self) -> set[str]:
        """SHA-256 of every file that some version needs."""
        with self._database.read() as connection:
            return set(connection.execute(NEEDED).scalars())

    def sizes(self) -> dict[str, int]:
        """The same, each with the number of bytes that its row says."""
        query = sa.select(t.files.c.sha256, t.files.c.size).where(t.files.c.sha256.in_(NEEDED))
        with self._database.read() as connection:
            sizes = {row.sha256: row.size for row in connection.execute(query)}
        return dict.fromkeys(self.files(), -1) | sizes

    def correct_size(self, sha256: str, size: int) -> None:
        """Write down how many bytes a stored file has."""
        with self._database.write() as connection:
            connection.execute(t.files.update().where(t.files.c.sha256 == sha256).values(size=size))

    def passages_of(self, version_ids: Sequence[str]) -> dict[str, int]:
        """How many passages each of these versions has."""
        query = sa.select(t.versions.c.id, t.versions.c.passages).where(t.versions.c.id.in_(version_ids))
        with self._database.read() as connection:
            return {row.id: row.passages for row in connection.execute(query)}

    def path_of(self, sha256: str) -> str:
        """The path of a document with a version of these bytes; empty when there is none."""
        query = (
            sa.select(t.documents.c.path)
            .join(t.versions, t.versions.c.document_id == t.documents.c.id)
            .where(needed_by(sha256))
            .order_by(t.documents.c.path)
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none() or ""

    def is_copy(self, sha256: str) -> bool:
        """Whether these bytes are only needed as the copy of a locked file without its lock."""
        original = sa.select(t.versions.c.id).where(t.versions.c.sha256 == sha256)
        with self._database.read() as connection:
            return connection.execute(original.limit(1)).first() is None

    def vectors(self, embedder: str) -> int:
        """How many passages of the versions that answer have a vector of the embedder."""
        query = (
            sa.select(sa.func.coalesce(sa.func.sum(t.vectors.c.count), 0))
            .join(t.documents, t.documents.c.current_version_id == t.vectors.c.version_id)
            .where(t.vectors.c.embedder == embedder)
        )
        with self._database.read() as connection:
            value: int = connection.execute(query).scalar_one()
            return value

    def published(self) -> Iterator[int]:
        """Ids of all passages of the versions that answer."""
        query = sa.select(t.passages.c.id).join(
            t.documents, t.documents.c.current_version_id == t.passages.c.version_id
        )
        with self._database.read() as connection:
            yield from connection.execute(query).scalars()

    def miscounted(self, embedder: str) -> Iterator[str]:
        """Ids of ready versions whose passages are not as many as they should be, or that answer without vectors."""
        stored = (
            sa.select(sa.func.count())
            .select_from(t.passages)
            .where(t.passages.c.version_id == t.versions.c.id)
            .scalar_subquery()
        )
        answers = sa.exists().where(t.documents.c.current_version_id == t.versions.c.id)
        query = (
            sa.select(t.versions.c.id)
            .outerjoin(t.vectors, (t.vectors.c.version_id == t.versions.c.id) & (t.vectors.c.embedder == embedder))
            .where(
                (t.versions.c.status == DocumentStatus.READY)
                & (
                    (stored != t.versions.c.passages)
                    | (answers & t.vectors.c.count.is_(None))
                    | (answers & (t.vectors.c.count != t.versions.c.passages))
                )
            )
        )
        with self._database.read() as connection:
            yield from connection.execute(query).scalars().all()


def _published_passages(connection: sa.Connection) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(t.versions.c.passages), 0)).join(
        t.documents, t.documents.c.current_version_id == t.versions.c.id
    )
    return int(connection.execute(query).scalar_one())
