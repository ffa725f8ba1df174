"""Deliveries are taken once at a time, after their run has ended, and again when they were lost."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.deliveries import Channel, Delivery, DeliveryState, Format, Wish
from core.errors import LeaseLost, NotFound
from core.storage.store import Store
from core.storage.summaries import SUMMARISE
from core.summaries import SummaryOptions, SummaryRequest
from core.values import Failure, JobState
from tests import factories

MAIL = Wish(Channel.EMAIL, Format.HTML, ("mira@example.org", "jon@example.org"), language="de")
HOOK = Wish(Channel.WEBHOOK, Format.JSON, url="https://hooks.example.org/a?b=c")
WHY = Failure("refused", "No.")


def _run(store: Store, *wishes: Wish, ended: bool = True) -> str:
    request = SummaryRequest(SummaryOptions(), factories.collection_id(store))
    run_id = store.summaries.start(request, owner=None, delivery=wishes)
    if ended:
        lease = store.jobs.lease(SUMMARISE, run_id)
        assert lease is not None
        store.jobs.end(lease, JobState.DONE)
    return run_id


def _only(store: Store, run_id: str) -> Delivery:
    (found,) = store.deliveries.of_run(run_id)
    return found


def test_it_waits_until_its_run_has_ended(store: Store) -> None:
    run_id = _run(store, MAIL, HOOK, ended=False)

    assert store.deliveries.take(60) is None
    assert {one.wish for one in store.deliveries.of_run(run_id)} == {MAIL, HOOK}
    assert {one.state for one in store.deliveries.of_run(run_id)} == {DeliveryState.WAITING}

    store.jobs.cancel(run_id)
    assert store.deliveries.take(60) is not None


def test_each_is_held_by_one(store: Store) -> None:
    for _ in range(10):
        _run(store, HOOK)

    with ThreadPoolExecutor(8) as pool:
        held = [one for one in pool.map(lambda _: store.deliveries.take(60), range(30)) if one is not None]

    assert len(held) == len({one.delivery.id for one in held}) == 10


def test_what_was_lost_is_taken_again_with_the_same_id(store: Store) -> None:
    _run(store, HOOK)
    first = store.deliveries.take(0.01)
    assert first is not None
    time.sleep(0.05)

    second = store.deliveries.take(60)

    assert second is not None
    assert (second.delivery.id, second.delivery.attempts) == (first.delivery.id, 2)
    with pytest.raises(LeaseLost):
        store.deliveries.end(first, DeliveryState.DELIVERED)
    store.deliveries.end(second, DeliveryState.DELIVERED)
    assert store.deliveries.take(60) is None


def test_another_attempt_comes_after_the_pause(store: Store) -> None:
    run_id = _run(store, MAIL)
    held = store.deliveries.take(60)
    assert held is not None

    store.deliveries.try_again(held, 3600, WHY, ["jon@example.org"])

    waiting = _only(store, run_id)
    assert (waiting.state, waiting.error, waiting.received) == (DeliveryState.WAITING, WHY, ("jon@example.org",))
    assert store.deliveries.take(60) is None
    store.deliveries.repeat(run_id, Channel.EMAIL)
    again = store.deliveries.take(60)
    assert again is not None
    assert (again.delivery.id, again.delivery.attempts) == (held.delivery.id, 1)
    store.deliveries.end(again, DeliveryState.DELIVERED, received=["mira@example.org"])
    told = _only(store, run_id)
    assert told.received == ("jon@example.org", "mira@example.org")
    assert told.error is None and told.delivered_at is not None and told.next_at is None


@pytest.mark.parametrize(
    ("state", "same"), [(DeliveryState.DELIVERED, False), (DeliveryState.FAILED, True), (DeliveryState.FORBIDDEN, True)]
)
def test_a_repeat_of_what_has_arrived_is_another_one(store: Store, state: DeliveryState, same: bool) -> None:
    run_id = _run(store, MAIL)
    held = store.deliveries.take(60)
    assert held is not None
    store.deliveries.end(held, state, WHY, ["jon@example.org"])

    repeated = store.deliveries.repeat(run_id, Channel.EMAIL)

    assert (repeated.state, repeated.error, repeated.attempts) == (DeliveryState.WAITING, None, 0)
    assert (repeated.id == held.delivery.id, repeated.received == ("jon@example.org",)) == (same, same)
    assert store.deliveries.take(60) is not None


def test_nothing_is_repeated_that_nobody_wanted(store: Store) -> None:
    run_id = _run(store, MAIL)

    with pytest.raises(NotFound):
        store.deliveries.repeat(run_id, Channel.FOLDER)
