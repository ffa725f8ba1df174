"""Tells workers that a job waits. Never the truth: a doorbell that nobody hears is rung again by the sweep."""

import logging
import time
from functools import cached_property
from typing import Any

from kombu.exceptions import KombuError
from redis import Redis
from redis.exceptions import RedisError

from core.settings import Settings
from workers.broker import is_full, redis_client, trouble, worker_lives

_SILENT_SECONDS = 5.0

log = logging.getLogger(__name__)


class Doorbell:
    """Rings over Celery; never raises. After a failure it stays silent for some seconds instead of blocking again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._silent_until = 0.0

    @cached_property
    def _app(self) -> Any:
        from workers.app import make_app  # noqa: PLC0415 - Celery takes 0.2 s, and who only asks for states does without

        return make_app(self._settings)

    @cached_property
    def _redis(self) -> Redis | None:
        return redis_client(self._settings)

    def ring(self, job_id: str) -> None:
        """Tell some worker that this document waits to be read."""
        from workers.app import INGEST_QUEUE, INGEST_TASK  # noqa: PLC0415 - see `_app`

        self._ring(job_id, INGEST_QUEUE, INGEST_TASK)

    def ring_for_summaries(self, job_id: str) -> None:
        """Tell some worker that this run of summaries waits."""
        from workers.app import BATCH_QUEUE, SUMMARISE_TASK  # noqa: PLC0415 - see `_app`

        self._ring(job_id, BATCH_QUEUE, SUMMARISE_TASK)

    def _ring(self, job_id: str, queue: str, task: str) -> None:
        if self._redis is None or time.monotonic() < self._silent_until:
            return
        from workers.app import DOORBELL_SECONDS  # noqa: PLC0415 - see `_app`

        if is_full(self._redis, queue):
            return
        try:
            self._app.send_task(
                task,
                args=[job_id],
                queue=queue,
                expires=DOORBELL_SECONDS,
                ignore_result=True,
                retry=False,
            )
        except (KombuError, RedisError, OSError, ValueError) as error:  # ValueError: the number of the database
            self._silent_until = time.monotonic() + _SILENT_SECONDS
            log.warning("The broker cannot be reached, the next sweep rings for job %s: %s", job_id, error)

    def broker_state(self) -> str:
        """`ok`, or a short reason."""
        return trouble(self._redis) or "ok"

    def worker_state(self, queue: str = "ingest") -> str:
        """`ok` when a worker that answers the queue showed a sign of life, else `none`."""
        return "ok" if worker_lives(self._redis, queue) else "none"
