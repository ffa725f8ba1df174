"""The Redis that carries doorbells: its address for Celery, how full its queues are, and signs of life of workers."""

from collections.abc import Sequence

from redis import Redis
from redis.exceptions import RedisError

from core.redis import SOCKET_FOR_CELERY, SOCKET_FOR_REDIS, redis_client
from core.settings import Settings

__all__ = ["celery_url", "is_full", "redis_client", "show_life", "trouble", "worker_lives"]

SIGN_OF_LIFE_SECONDS = 2.0
_EXPIRES_AFTER = 10
_WORKER_KEY = "archivar:worker:"
# Enough to wake every worker. Without a limit, what is rung again and again would fill Redis while nobody listens.
_MOST_WAITING = 100


def celery_url(settings: Settings) -> str | None:
    """The broker's address as Celery writes it; None where no Redis is set."""
    url = settings.redis_url.get_secret_value()
    if url.startswith(SOCKET_FOR_REDIS):
        url = SOCKET_FOR_CELERY + url.removeprefix(SOCKET_FOR_REDIS)
    return url or None


def trouble(client: Redis | None) -> str | None:
    """Why the broker cannot be used, in a few words; None when it can."""
    if client is None:
        return "not configured"
    try:
        client.ping()
    except RedisError as error:
        return f"no answer ({type(error).__name__})"
    return None


def is_full(client: Redis | None, queue: str) -> bool:
    """Whether so many messages wait in a queue that one more would tell nobody anything new."""
    if client is None:
        return False
    try:
        return int(client.llen(queue)) >= _MOST_WAITING
    except RedisError:
        return False


def show_life(client: Redis | None, queues: Sequence[str]) -> None:
    """Leave the sign that a worker answers these queues; it fades unless repeated. Silent when the broker is away."""
    if client is None:
        return
    try:
        for queue in queues:
            client.set(_WORKER_KEY + queue, "here", ex=_EXPIRES_AFTER)
    except RedisError:
        # The next sign is due in two seconds; until then `/readyz` says what is wrong.
        return


def worker_lives(client: Redis | None, queue: str) -> bool:
    """Whether a worker that answers the queue has shown itself lately."""
    if client is None:
        return False
    try:
        return bool(client.exists(_WORKER_KEY + queue))
    except RedisError:
        return False
