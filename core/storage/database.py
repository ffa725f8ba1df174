"""Connections and transactions for SQLite and PostgreSQL, with foreign errors translated. No tables, no queries."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.errors import Conflict, StorageFull, Unavailable

_LOCK_WAIT_SECONDS = 30


class now(sa.sql.functions.FunctionElement[float]):  # noqa: N801 - reads as the SQL function it is
    """The database's clock in seconds since 1970: leases are compared on one clock, whichever machine asks."""

    type = sa.Double()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(_element: now, _compiler: SQLCompiler, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(_element: now, _compiler: SQLCompiler, **_: Any) -> str:
    return "EXTRACT(EPOCH FROM clock_timestamp())::double precision"


class Database:
    """An engine with two kinds of transaction: `read` and `write`."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads; on SQLite it never waits for writers."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that only reads and sees one moment throughout, however long it takes; nobody waits for it."""
        options: dict[str, Any] = (
            {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        with _translated(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits on success and rolls back on any exception.

        On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`): a lock upgraded later can fail half-way.
        """
        with _translated(), self.engine.connect().execution_options(archivar_write=True) as connection:
            with connection.begin():
                yield connection

    def forget_freed(self) -> None:
        """SQLite: empty the write-ahead log, in which deleted rows still stand, unless somebody reads at this moment.

        PostgreSQL overwrites deleted rows in its own time (VACUUM).
        """
        if not self.is_sqlite:
            return
        with _translated(), closing(self.engine.raw_connection()) as connection:
            # Whoever reads is not waited for: the next deletion, or upkeep, tries again.
            for pragma in ("busy_timeout=200", "wal_checkpoint(TRUNCATE)", f"busy_timeout={_LOCK_WAIT_SECONDS * 1000}"):
                cast(Any, connection.driver_connection).execute(f"PRAGMA {pragma}").fetchall()

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = sa.make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        engine = sa.create_engine(parsed, pool_size=8, max_overflow=64, pool_pre_ping=True)
        sa.event.listen(engine, "connect", _prepare_postgresql)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed, pool_size=8, max_overflow=64, connect_args={"timeout": _LOCK_WAIT_SECONDS, "check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # Whoever waits for a lock is told in the end, as on SQLite; by itself PostgreSQL waits for ever.
    connection.execute(f"SET lock_timeout = '{_LOCK_WAIT_SECONDS}s'")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # We begin transactions ourselves; the driver's implicit ones start too late for BEGIN IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a reply of 2xx must survive a power cut
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is overwritten, not only unlinked
        f"busy_timeout={_LOCK_WAIT_SECONDS * 1000}",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    wants_write = connection.get_execution_options().get("archivar_write", False)
    if wants_write:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # which takes no lock and so cannot fail: the way through SQLAlchemy takes longer than most reads
        cast(Any, connection.connection.driver_connection).execute("BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        if "disk is full" in str(error) or "No space left" in str(error):
            raise StorageFull("The database's disk is full. Free some space and try again.") from error
        raise Unavailable("The database does not answer. Try again in a moment.", retry_after=5) from error
    except sa.exc.IntegrityError as error:
        raise Conflict("Somebody else changed the same thing at this moment. Look at it and try again.") from error
