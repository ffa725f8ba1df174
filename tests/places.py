"""Where Archivar may run, for tests: on this machine alone, or on a PostgreSQL and a Redis that others look after.

A test names `EVERYWHERE` for its fixture `settings` (or `place`) and so runs in each of them.
"""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from cli.children import Child, Program, stop
from cli.redis_server import RedisServer
from core.settings import Settings, child_environment, load_settings
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
    """An empty database on a PostgreSQL server; its address as operators write it.

    Each is 300 files, so it is emptied and used again by the next test.
    """
    name = _spare.pop() if _spare else f"test_{uuid4().hex}"
    if name not in _created:
        _execute(server, f"CREATE DATABASE {name}")
        _created.add(name)
    url = sa.make_url(server).set(drivername="postgresql", database=name)
    yield url.render_as_string(hide_password=False)
    others = f"datname = '{name}' AND pid <> pg_backend_pid()"
    _execute(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    _execute(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    _spare.append(name)


_spare: list[str] = []
_created: set[str] = set()


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
