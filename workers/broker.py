"""The Redis that carries doorbells: how to reach it, how full its queues are, and the signs of life of workers."""

from collections.abc import Sequence

from redis import Redis
from redis.exceptions import RedisError

from core.settings import Settings

SIGN_OF_LIFE_SECONDS = 2.0
_EXPIRES_AFTER = 10
_WORKER_KEY = "archivar:worker:"
_ANSWERS_WITHIN = 2.0
# Enough to wake every worker. Without a limit, what is rung again and again would fill Redis while nobody listens.
_MOST_WAITING = 100
# A socket's address, as Celery and as the client write it; the setting may have either form.
_SOCKET_FOR_CELERY, _SOCKET_FOR_REDIS = "redis+socket://", "unix://"


def redis_client(settings: Settings) -> Redis | None:
    """A client with short time-outs, not yet connected; None where no Redis is set."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return None
    if url.startswith(_SOCKET_FOR_CELERY):
        url = _SOCKET_FOR_REDIS + url.removeprefix(_SOCKET_FOR_CELERY)
    return Redis.from_url(url, socket_timeout=_ANSWERS_WITHIN, socket_connect_timeout=_ANSWERS_WITHIN)


def celery_url(settings: Settings) -> str | None:
    """The broker's address as Celery writes it; None where no Redis is set."""
    url = settings.redis_url.get_secret_value()
    if url.startswith(_SOCKET_FOR_REDIS):
        url = _SOCKET_FOR_CELERY + url.removeprefix(_SOCKET_FOR_REDIS)
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
