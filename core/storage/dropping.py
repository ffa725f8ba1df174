"""Rows of stored bytes: the row is the lock under which bytes appear and disappear, when no version needs them."""

import logging

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage import tables as t
from core.storage.database import Database
from core.storage.files import FileStore

# A version needs its file, and the unlocked copy where there is one.
NEEDED = sa.union(
    sa.select(t.versions.c.sha256),
    sa.select(t.versions.c.unlocked_sha256).where(t.versions.c.unlocked_sha256.is_not(None)),
)

# A killed process leaves one. Where many belong to no document, somebody has changed the database or the files.
_MOST_STRAYS = 50

log = logging.getLogger(__name__)


def needed_by(sha256: str) -> sa.ColumnElement[bool]:
    """Whether a version needs the bytes with this hash."""
    return (t.versions.c.sha256 == sha256) | (t.versions.c.unlocked_sha256 == sha256)


def lock_file(connection: sa.Connection, sha256: str, size: int) -> None:
    """Insert or lock the row of some bytes: one statement, so that two first uploads of them do not clash."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(t.files)
    row = {"sha256": sha256, "size": size}
    connection.execute(
        insert.values(row).on_conflict_do_update(index_elements=["sha256"], set_={"size": t.files.c.size})
    )


def drop_file(database: Database, files: FileStore, sha256: str, *, stray: bool = False) -> bool:
    """Remove a blob unless some version needs it; whether it was removed.

    What has no row is left alone, unless told that it is `stray`.
    """
    with database.write() as connection:
        lock = t.files.update().where(t.files.c.sha256 == sha256).values(size=t.files.c.size)
        if stray:
            lock_file(connection, sha256, 0)
        elif not connection.execute(lock).rowcount:
            return False
        if connection.execute(sa.select(t.versions.c.id).where(needed_by(sha256))).first():
            return False
        connection.execute(t.files.delete().where(t.files.c.sha256 == sha256))
        files.remove(sha256)
    return True


def drop_strays(database: Database, files: FileStore, older_seconds: float) -> int:
    """Remove blobs that have lain there for so long and that no version needs; how many.

    Bytes are placed before their row is committed, so that a process killed in between leaves such. Whoever is placing
    the same bytes at this moment holds the lock on their row, and `drop_file` waits for it. Where there are too many,
    none goes, and the log says so.
    """
    there = files.names()
    with database.read() as connection:
        there.difference_update(connection.execute(NEEDED).scalars())
    strays = [sha256 for sha256 in sorted(there) if files.age(sha256) > older_seconds]
    if len(strays) > _MOST_STRAYS:
        log.warning("%d stored files belong to no document. `./archivar doctor` lists them.", len(strays))
        return 0
    return sum(drop_file(database, files, sha256, stray=True) for sha256 in strays)
