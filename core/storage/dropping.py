"""Removes stored bytes that no version needs any more."""

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import Database
from core.storage.files import FileStore


def drop_file(database: Database, files: FileStore, sha256: str, *, stray: bool = False) -> bool:
    """Remove a blob unless some version needs it; whether it was removed.

    Without its row there is no lock, so what is no row's is left alone, unless told that it is `stray`.
    """
    with database.write() as connection:
        lock = t.files.update().where(t.files.c.sha256 == sha256).values(size=t.files.c.size)
        if not connection.execute(lock).rowcount and not stray:
            return False
        if connection.execute(sa.select(t.versions.c.id).where(t.versions.c.sha256 == sha256)).first():
            return False
        connection.execute(t.files.delete().where(t.files.c.sha256 == sha256))
        files.remove(sha256)
    return True
