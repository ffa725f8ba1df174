"""How many requests are let through: more while all goes well, fewer after faults and when answers become slow."""

import threading
from collections.abc import Callable

import pytest

from core.errors import ModelUnavailable
from llm.line import Priority
from llm.width import Trip, Width
from tests.processes import eventually

PERSON, BATCH = Priority.PERSON, Priority.BATCH


def nothing() -> None:
    """Waiting is of use."""


def answered(width: Width, times: int, pace: Callable[[int], float] = lambda _now: 1.0) -> None:
    """So many answers, each with all places taken; `pace` of so many at once."""
    for _ in range(times):
        width.worked(Trip(width._epoch, batch=True, full=True), pace(width.now) * 100, read=0, written=100)


def test_it_grows_by_one_a_round_up_to_its_limit() -> None:
    width = Width(6, nothing)
    seen = []
    for _ in range(60):
        seen.append(width.now)
        answered(width, 1)

    assert sorted(seen) == seen and seen[0] == 1 and seen[-1] == 6
    assert set(seen) == set(range(1, 7))


def test_it_does_not_grow_while_its_places_are_not_taken() -> None:
    width = Width(6, nothing)
    for _ in range(60):
        width.worked(Trip(0, batch=True, full=False), 1.0, read=100, written=100)

    assert width.now == 1


def test_it_is_halved_by_a_fault_once_for_all_requests_of_that_time() -> None:
    width = Width(8, nothing)
    answered(width, 100)
    assert width.now == 8
    together = [Trip(width._epoch, batch=True, full=True)] * 8

    for trip in together:
        width.failed(trip)
    assert width.now == 4
    width.failed(Trip(width._epoch, batch=False, full=False))
    assert width.now == 2
    for _ in range(5):
        width.failed(Trip(width._epoch, batch=True, full=True))
    assert width.now == 1


def test_a_server_that_becomes_as_slow_as_it_has_requests_gets_one_most_of_the_time() -> None:
    width = Width(8, nothing)
    seen = []
    for _ in range(400):
        seen.append(width.now)
        answered(width, 1, pace=float)

    assert max(seen) == 2
    assert seen.count(1) > 0.75 * len(seen)


def test_a_server_that_becomes_a_little_slower_gets_all_it_may() -> None:
    width = Width(8, nothing)
    answered(width, 200, pace=lambda now: 1 + 0.02 * now)

    assert width.now == 8


def test_a_server_that_is_slower_for_good_is_not_left_with_one() -> None:
    width = Width(4, nothing)
    answered(width, 100)
    answered(width, 300, pace=lambda _now: 3.0)

    assert width.now == 4


def test_people_are_let_through_and_batch_work_waits_for_a_place() -> None:
    width = Width(4, nothing)
    let_through: list[str] = []

    def ask() -> None:
        with width.place(BATCH):
            let_through.append("batch")

    with width.place(BATCH) as trip, width.place(BATCH) as inner:
        assert (trip.full, inner.batch) == (True, False)
        waiting = threading.Thread(target=ask)
        waiting.start()
        others = threading.Thread(target=lambda: let_through.append("person") if _person(width) else None)
        others.start()
        others.join()
        assert let_through == ["person"]
    waiting.join()
    assert let_through == ["person", "batch"]


def _person(width: Width) -> bool:
    with width.place(PERSON) as trip:
        return not trip.full


def test_who_waits_is_let_go_when_waiting_is_of_no_use() -> None:
    useless = threading.Event()

    def check() -> None:
        if useless.is_set():
            raise ModelUnavailable("left alone")

    width = Width(4, check)
    refused: list[ModelUnavailable] = []

    def ask() -> None:
        try:
            with width.place(BATCH):
                pass
        except ModelUnavailable as error:
            refused.append(error)

    with width.place(BATCH):
        waiting = threading.Thread(target=ask)
        waiting.start()
        useless.set()
        eventually(lambda: refused)
    waiting.join()
    with pytest.raises(ModelUnavailable), width.place(PERSON), width.place(BATCH):
        # The thread is inside already, so that it is not held up; the server is.
        check()
