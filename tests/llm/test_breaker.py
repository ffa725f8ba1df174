"""The breaker by a clock of its own: when it opens, who may try, how long it pauses."""

import pytest

from core.errors import ModelUnavailable
from llm.breaker import Breaker, State


class Clock:
    """A clock that is put forward by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, pause: float = 0.0) -> None:
    with breaker.admit() as call:
        call.failed("It is away.", pause)


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, Clock())
    fail(breaker)
    fail(breaker)
    with breaker.admit() as call:
        call.worked()
    fail(breaker)
    with breaker.admit():
        pass  # whoever went away says nothing
    fail(breaker)
    assert (breaker.state, breaker.trouble) == (State.CLOSED, "")

    fail(breaker)

    assert breaker.state is State.OPEN
    assert breaker.trouble == "left alone after 3 failures in a row, tried again in 2 s: It is away."
    with pytest.raises(ModelUnavailable, match="left alone") as caught:
        breaker.admit()
    assert caught.value.retry_after == 2


def test_one_call_tries_again_and_pauses_grow_up_to_a_minute() -> None:
    clock = Clock()
    breaker = Breaker(1, clock)
    fail(breaker)
    pauses = []
    for _ in range(8):
        began = clock.now
        while breaker.state is State.OPEN:
            clock.now += 1
        pauses.append(clock.now - began)
        with breaker.admit() as call:
            with pytest.raises(ModelUnavailable):
                breaker.check()
            call.failed("Still away.")
    clock.now += 60
    with breaker.admit():
        pass  # the one that tried went away, so that the next one may
    with breaker.admit() as call:
        call.worked()

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert breaker.state is State.CLOSED
    fail(breaker)
    assert "in 2 s" in breaker.trouble


def test_a_server_may_ask_for_more_time() -> None:
    breaker = Breaker(1, Clock())
    fail(breaker, 45)
    assert "in 45 s" in breaker.trouble


def test_calls_from_before_say_nothing_new() -> None:
    breaker = Breaker(1, Clock())
    old, late = breaker.admit(), breaker.admit()
    fail(breaker)
    old.failed("Old.")
    assert "after 1 failure," in breaker.trouble
    late.worked()
    assert breaker.state is State.CLOSED
