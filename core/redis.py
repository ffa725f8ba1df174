"""How the Redis of an installation is reached. What is kept there is decided by those who use it."""

from redis import Redis

from core.settings import Settings

# A socket's address, as Celery and as the client write it; the setting may have either form.
SOCKET_FOR_CELERY, SOCKET_FOR_REDIS = "redis+socket://", "unix://"
_ANSWERS_WITHIN = 2.0


def redis_client(settings: Settings) -> Redis | None:
    """A client with short time-outs, not yet connected; None where no Redis is set."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return None
    if url.startswith(SOCKET_FOR_CELERY):
        url = SOCKET_FOR_REDIS + url.removeprefix(SOCKET_FOR_CELERY)
    return Redis.from_url(url, socket_timeout=_ANSWERS_WITHIN, socket_connect_timeout=_ANSWERS_WITHIN)
