"""Documents are uploaded, changed and deleted while processes are killed, Redis fails and the database is locked."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from cli.children import Child, stop
from cli.redis_server import RedisServer
from core.settings import Settings
from core.storage.store import Store
from tests import factories
from tests.processes import eventually, kill, parser_children
from tests.workers.texts import text
from tests.workers.under_fire import UnderFire
from workers.app import BATCH_QUEUE, SWEEP_TASK, UPKEEP_TASK, make_app
from workers.broker import redis_client, trouble
from workers.doorbell import Doorbell

BOUNDARY = "b0undary"
PARAGRAPHS = 9


class Redis:
    """A Redis of its own, which can be stopped and started."""

    def __init__(self, settings: Settings) -> None:
        self._server = RedisServer(settings)
        self.settings = settings.model_copy(update={"redis_url": SecretStr(self._server.url)})
        self._client = redis_client(self.settings)
        self._child: Child | None = None

    def start(self) -> None:
        """Start it, empty."""
        self._child = Child(self._server.program(), self.settings.run_dir / "redis.log")
        eventually(lambda: trouble(self._client) is None)

    def stop(self) -> None:
        """`kill -9`."""
        if self._child is not None:
            stop([self._child], 0)

    def flush(self) -> None:
        """Everything in it is gone."""
        assert self._client is not None
        self._client.flushall()

    def __enter__(self) -> "Redis":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._server.tidy_up()


@contextmanager
def locked(settings: Settings, store: Store) -> Iterator[None]:
    """Nobody writes to the database meanwhile."""
    if store.database.is_sqlite:
        path = sa.make_url(settings.sqlalchemy_url).database
        with closing(sqlite3.connect(str(path), isolation_level=None, timeout=60)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
        return
    with store.database.engine.connect() as connection:
        connection.execute(sa.text("LOCK TABLE jobs, versions, documents IN ACCESS EXCLUSIVE MODE"))
        yield
        connection.rollback()


@dataclass
class Attack:
    """What happens to an installation, and what was promised to whoever uploaded."""

    settings: Settings
    store: Store
    processes: UnderFire
    redis: Redis
    rng: random.Random
    seconds: float  # for which Redis is away and the database locked
    accepted: dict[str, str] = field(default_factory=dict)  # path: id of the document
    deleted: set[str] = field(default_factory=set)
    refused: list[tuple[int, str | None]] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)

    def strike(self, what: str) -> None:
        """Let one thing go wrong."""
        time.sleep(self.rng.uniform(0, 0.5))
        strikes: dict[str, Callable[[], None]] = {
            "parser": self._children, "redis flushed": self.redis.flush, "redis down": self._redis_down,
            "database locked": self._lock, "bells": self._bells,
        }  # fmt: skip
        strikes.get(what, lambda: self.processes.kill(what))()
        self.hits.append(what)

    def upload(self, collection: str, path: str, mark: str) -> None:
        """Upload until it is accepted, as clients do."""
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{path}"\r\n\r\n'.encode()
            + text(PARAGRAPHS)
            + f"\n\n{mark}\r\n--{BOUNDARY}--\r\n".encode()
        )
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        told = self._until(202, "POST", f"/api/v1/collections/{collection}/documents", body, kind)
        self.accepted[path] = told["documents"][0]["id"]

    def delete(self, path: str) -> None:
        """Delete a document until that is confirmed."""
        document = self.accepted.pop(path)
        self._until(200, "DELETE", f"/api/v1/documents/{document}", also=404)
        self.deleted.add(document)

    def _until(
        self, status: int, method: str, path: str, body: bytes = b"", kind: str = "", also: int = 0
    ) -> dict[str, Any]:
        deadline = time.monotonic() + 150
        while time.monotonic() < deadline:
            answer = self.processes.ask(method, path, body, kind)
            if answer is None:
                time.sleep(0.1)
            elif answer.status in {status, also}:
                return answer.body
            else:
                self.refused.append((answer.status, answer.retry_after))
                time.sleep(0.5)
        raise AssertionError(f"{method} {path} was never accepted: {self.refused}")

    def _children(self) -> None:
        for child in parser_children(self.processes.pid("worker")):
            kill(child)

    def _redis_down(self) -> None:
        self.redis.stop()
        time.sleep(self.seconds)
        self.redis.start()

    def _lock(self) -> None:
        def hold() -> None:
            with locked(self.settings, self.store):
                time.sleep(self.seconds)

        threading.Thread(target=hold).start()
        time.sleep(0.1)

    def _bells(self) -> None:
        """Every message of every task ten times."""
        doorbell, app = Doorbell(self.settings), make_app(self.settings)
        for _ in range(10):
            for document in self.store.documents.page(factories.collection_id(self.store)):
                doorbell.ring(document.job_id or "")
                doorbell.ring_for_summaries(document.job_id or "")
            for task in (SWEEP_TASK, UPKEEP_TASK):
                app.send_task(task, queue=BATCH_QUEUE, expires=60)
