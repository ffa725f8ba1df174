"""Removes stored bytes that no version needs any more."""

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import Database
from core.storage.files import FileStore

# A version needs its file, and the unlocked copy where there is one.
NEEDED = sa.union(
    sa.select(t.versions.c.sha256),
    sa.select(t.versions.c.unlocked_sha256).where(t.versions.c.unlocked_sha256.is_not(None)),
)


def needed_by(sha256: str) -> sa.ColumnElement[bool]:
    """Whether a version needs the bytes with this hash."""
    return (t.versions.c.sha256 == sha256) | (t.versions.c.unlocked_sha256 == sha256)


def drop_file(database: Database, files: FileStore, sha256: str, *, stray: bool = False) -> bool:
    """Remove a blob unless some version needs it; whether it was removed.

    Without its row there is no lock, so what is no row's is left alone, unless told that it is `stray`.
    """
    with database.write() as connection:
        lock = t.files.update().where(t.files.c.sha256 == sha256).values(size=t.files.c.size)
        if not connection.execute(lock).rowcount and not stray:
            return False
        if connection.execute(sa.select(t.versions.c.id).where(needed_by(sha256))).first():
            return False
        connection.execute(t.files.delete().where(t.files.c.sha256 == sha256))
        files.remove(sha256)
    return True
