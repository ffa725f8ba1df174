"""What is said of the time that reading still takes."""

from core.storage.store import Store
from core.values import Progress
from workers.reading_time import ReadingTime, embedding_pace, remember


class _Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _told(time: ReadingTime, clock: _Clock, stage: str, done: int, total: int, *, at: float) -> float | None:
    clock.now = at
    return time.told(Progress(stage, done, total)).seconds_left


def test_it_is_judged_by_the_pace_so_far_and_what_follows() -> None:
    clock = _Clock()
    time = ReadingTime(10.0, clock)

    assert _told(time, clock, "reading", 0, 200, at=0) is None
    assert _told(time, clock, "reading", 50, 200, at=0.5) is None
    assert _told(time, clock, "reading", 100, 200, at=2) == 2 + 20
    assert _told(time, clock, "recognising", 0, 10, at=4) is None
    assert _told(time, clock, "recognising", 2, 10, at=10) == 24 + 20
    assert _told(time, clock, "splitting", 0, 200, at=34) is None
    assert _told(time, clock, "embedding", 0, 900, at=35) is None
    assert _told(time, clock, "embedding", 300, 900, at=45) == 20
    assert time.embedded() == (200, 10)


def test_without_a_pace_only_scans_and_the_last_stage_can_be_judged() -> None:
    clock = _Clock()
    time = ReadingTime(None, clock)

    assert _told(time, clock, "reading", 0, 200, at=0) is None
    assert _told(time, clock, "reading", 100, 200, at=2) is None
    assert _told(time, clock, "recognising", 0, 10, at=4) is None
    assert _told(time, clock, "recognising", 5, 10, at=9) == 5
    assert _told(time, clock, "embedding", 10, 30, at=10) is None
    assert _told(time, clock, "embedding", 20, 30, at=12) == 2
    assert time.embedded() is None


def test_a_pace_is_remembered(store: Store) -> None:
    assert embedding_pace(store.paces) is None
    remember(store.paces, 100, 20.0)
    remember(store.paces, 100, 5.0)

    assert embedding_pace(store.paces) == 8.0
