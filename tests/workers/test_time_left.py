"""The time that is left, by what is done and by what used to be."""

import pytest

from workers.time_left import TimeLeft


class Clock:
    """Stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


def test_nothing_is_known_before_something_is_done(clock: Clock) -> None:
    left = TimeLeft({"a": 100, "b": 300}, None, clock)
    clock.now += 5

    assert left.seconds is None and left.measured is None


def test_what_is_left_takes_as_long_as_what_was_done(clock: Clock) -> None:
    left = TimeLeft({"a": 100, "b": 300}, None, clock)
    clock.now += 10
    left.end("a", written=True)

    assert left.seconds == 30.0
    assert left.measured == (100, 10.0)
    left.part("b", 1, 2)
    assert left.seconds == 6.0  # 250 passages in 10 seconds, 150 to go
    left.end("b", written=True)
    assert left.seconds == 0.0


def test_what_took_nothing_says_nothing_of_the_pace(clock: Clock) -> None:
    left = TimeLeft({"reused": 1000, "a": 100, "b": 100}, None, clock)
    left.end("reused", written=False)
    clock.now += 10
    left.end("a", written=True)

    assert (left.seconds, left.measured) == (10.0, (100, 10.0))


def test_what_used_to_be_counts_until_more_is_known(clock: Clock) -> None:
    left = TimeLeft({f"{n}": 10 for n in range(100)}, 5.0, clock)
    assert left.seconds == 200.0
    for n in range(50):
        clock.now += 10
        left.end(f"{n}", written=True)

    assert 450 < (left.seconds or 0) < 500  # one passage a second, and not five


def test_documents_without_passages_take_a_moment(clock: Clock) -> None:
    left = TimeLeft({"a": 0, "b": 0}, None, clock)
    clock.now += 1
    left.end("a", written=True)

    assert left.seconds == 1.0
