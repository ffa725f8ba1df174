"""The clock that rings for periodic jobs."""

from celery.beat import ScheduleEntry

from core.settings import Settings
from workers.app import BATCH_QUEUE, make_app
from workers.beat import Clock
from workers.broker import redis_client


def test_it_does_not_ring_into_a_queue_that_nobody_empties(settings: Settings) -> None:
    client = redis_client(settings)
    assert client is not None
    clock = Clock(client, app=make_app(settings))
    entry: ScheduleEntry = clock.schedule["sweep"]

    for _ in range(250):
        clock.apply_entry(entry, producer=clock.producer)

    assert client.llen(BATCH_QUEUE) == 100
