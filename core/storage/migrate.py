"""Brings the schema up to date when a store is opened. The steps themselves are in `migrations/versions`."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from core.errors import Unavailable
from core.storage.database import Database

# The newest migration. Known here so that an up-to-date database opens without importing Alembic (0.3 s);
# a test holds it against the migrations folder.
HEAD = "0018"
_ADVISORY_LOCK = 0x41524348


def migrate(database: Database, data: Path) -> None:
    """Apply all migrations that are missing; safe when several processes start at once.

    Raises `Unavailable` when the database was written by a newer version of the program.
    """
    if revision_of(database) == HEAD:
        return
    with _one_at_a_time(database, data):
        if revision_of(database) != HEAD:
            with database.write() as connection:
                upgrade(connection, HEAD)


def revision_of(database: Database) -> str | None:
    """The migration that the database is at; None for an empty one."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(connection: sa.Connection, revision: str) -> None:
    """Bring the schema up to a revision inside the caller's transaction. Raises `Unavailable` for an unknown one."""
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise Unavailable("The database belongs to a newer version of Archivar. Update this one.") from error


@contextmanager
def _one_at_a_time(database: Database, data: Path) -> Iterator[None]:
    if database.is_sqlite:
        data.mkdir(parents=True, exist_ok=True)
        with (data / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with database.engine.connect() as connection:
        # A migration takes as long as it takes; whoever waits for it does not give up.
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sa.select(sa.func.pg_advisory_lock(_ADVISORY_LOCK)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_ADVISORY_LOCK)))
