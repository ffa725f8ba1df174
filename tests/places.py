"""Where Archivar may run, for tests: on this machine alone, or on a PostgreSQL and a Redis that others look after.

A test names `EVERYWHERE` for its fixture `settings` (or `place`) and so runs in each of them.
"""

import atexit
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from cli.children import Child, Program, stop
from cli.redis_server import RedisServer
from core.settings import Settings, child_environment, load_settings
from core.storage.database import Database
from core.storage.migrate import migrate
from tests.processes import eventually
from workers.broker import redis_client, trouble

EMBEDDED, SERVER = "embedded", "server"
EVERYWHERE = [EMBEDDED, SERVER]


@dataclass(frozen=True)
class Place:
    """The settings that make the difference, for `load_settings`."""

    database_url: str
    redis_url: str


@contextmanager
def made(kind: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    """An empty database and an empty Redis of a kind."""
    if kind == EMBEDDED:
        yield Place("", emptied(request.getfixturevalue("redis_url")))
        return
    with database(request.getfixturevalue("postgres_url")) as url:
        yield Place(url, emptied(request.getfixturevalue("external_redis_url")))


@contextmanager
def database(server: str) -> Iterator[str]:
    """A database of the newest schema with nothing in it on a PostgreSQL server; its address as operators write it."""
    template, name = _template_on(server), f"test_{uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield _address(server, name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def empty_folder(folder: Path) -> Path:
    """A data folder whose database has the newest schema and nothing in it: a copy, since migrating takes a while."""
    folder.mkdir()
    shutil.copy(_migrated_file(), folder)
    return folder


def unmigrate(settings: Settings) -> None:
    """Leave a database as it is before the first start: without a table."""
    if settings.database_url.get_secret_value():
        _execute(settings.sqlalchemy_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    else:
        shutil.rmtree(settings.data)


@cache
def _template_on(server: str) -> str:
    name = "migrated"
    _execute(server, f"CREATE DATABASE {name}")
    with tempfile.TemporaryDirectory() as folder:
        _migrate(load_settings(data=Path(folder), database_url=_address(server, name)))
    return name


@cache
def _migrated_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="archivar-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _migrate(load_settings(data=folder))
    return folder / "archivar.sqlite3"


def _migrate(settings: Settings) -> None:
    with closing(Database(settings.sqlalchemy_url)) as database:
        migrate(database, settings.data)


def _address(server: str, name: str) -> str:
    url = sa.make_url(server).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


def _execute(server: str | sa.URL, *statements: str) -> None:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def hurry(server: str) -> None:
    """Let a PostgreSQL server of tests keep nothing safe from a power cut, which makes it several times faster."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _execute(server, f"ALTER SYSTEM SET {setting} = off")
    _execute(server, "SELECT pg_reload_conf()")


def emptied(url: str) -> str:
    """A Redis with nothing in it."""
    client = redis_client(load_settings(redis_url=url))
    assert client is not None
    client.flushall()
    client.close()
    return url


@contextmanager
def embedded_redis(folder: Path) -> Iterator[str]:
    """A Redis as `up` starts it."""
    settings = _settings(folder)
    server = RedisServer(settings)
    with _running(server.program(), settings, server.url):
        yield server.url
    server.tidy_up()


@contextmanager
def external_redis(folder: Path) -> Iterator[str]:
    """A Redis as an operator runs it: behind a port and a password, refusing what does not fit."""
    settings = _settings(folder)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    password = secrets.token_hex(16)
    options = f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nmaxmemory 64mb\nmaxmemory-policy noeviction\n"
    config = folder / "redis.conf"
    config.write_text(f'{options}save ""\nappendonly no\ndir {folder}\n')
    binary = RedisServer(settings).program().arguments[0]
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    with _running(Program("redis", [binary, str(config)], child_environment(settings)), settings, url):
        yield url


def _settings(folder: Path) -> Settings:
    settings = load_settings(data=folder)
    settings.run_dir.mkdir()
    return settings


@contextmanager
def _running(program: Program, settings: Settings, url: str) -> Iterator[Child]:
    child = Child(program, settings.run_dir / "redis.log")
    client = redis_client(settings.model_copy(update={"redis_url": SecretStr(url)}))
    eventually(lambda: trouble(client) is None)
    yield child
    stop([child], 2)
