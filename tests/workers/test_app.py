"""How messages travel."""

import json

from pydantic import SecretStr
from redis import Redis

from core.settings import Settings
from workers.app import BATCH_QUEUE, INGEST_QUEUE, make_app, periodic_jobs
from workers.broker import redis_client
from workers.doorbell import Doorbell


def test_only_json_is_accepted_and_nothing_is_kept(settings: Settings) -> None:
    conf = make_app(settings).conf

    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.result_backend is None
    assert conf.task_ignore_result
    assert not conf.task_acks_late


def test_every_periodic_message_expires_before_the_next(settings: Settings) -> None:
    for job in periodic_jobs(settings).values():
        options = job["options"]
        assert isinstance(options, dict)
        assert options["expires"] <= job["schedule"]
        assert options["queue"] == BATCH_QUEUE


def test_a_doorbell_is_json_with_an_expiry(settings: Settings) -> None:
    Doorbell(settings).ring("a-job")

    client = redis_client(settings)
    assert isinstance(client, Redis)
    messages = client.lrange(INGEST_QUEUE, 0, -1)
    assert isinstance(messages, list)
    (message,) = [json.loads(message) for message in messages]
    assert message["content-type"] == "application/json"
    assert message["headers"]["expires"]


def test_a_socket_may_be_written_either_way(settings: Settings) -> None:
    for url in ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"):
        either = settings.model_copy(update={"redis_url": SecretStr(url)})

        client = redis_client(either)

        assert isinstance(client, Redis)
        assert client.connection_pool.connection_kwargs["path"] == "/run/redis.sock"
        assert make_app(either).connection_for_write().as_uri().startswith("redis+socket:///run/redis.sock")
