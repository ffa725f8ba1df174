"""The doorbell never gets in the way of what it announces."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from core.settings import Settings, load_settings
from tests.places import EVERYWHERE
from workers.app import INGEST_QUEUE
from workers.broker import redis_client, show_life
from workers.doorbell import Doorbell


def test_states_with_a_redis(settings: Settings) -> None:
    doorbell = Doorbell(settings)

    assert doorbell.broker_state() == "ok"
    assert doorbell.worker_state() == "none"
    show_life(redis_client(settings), ["batch"])
    assert (doorbell.worker_state(), doorbell.worker_state("batch")) == ("none", "ok")
    show_life(redis_client(settings), ["ingest"])
    assert doorbell.worker_state() == "ok"


@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_while_nobody_listens_the_queue_stays_short(settings: Settings) -> None:
    doorbell = Doorbell(settings)
    client = redis_client(settings)
    assert client is not None

    for number in range(250):
        doorbell.ring(f"job {number}")

    assert client.llen(INGEST_QUEUE) == 100


@pytest.mark.parametrize(
    "url", ["", "redis+socket:///nowhere/redis.sock", "redis://127.0.0.1:9/0", "redis://127.0.0.1:9/name"]
)
def test_without_a_redis_nothing_is_raised(tmp_path: Path, url: str) -> None:
    doorbell = Doorbell(load_settings(data=tmp_path).model_copy(update={"redis_url": SecretStr(url)}))

    doorbell.ring("a-job")
    doorbell.ring("a-job")

    assert doorbell.broker_state() != "ok"
    assert doorbell.worker_state() == "none"
