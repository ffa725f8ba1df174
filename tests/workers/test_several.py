"""Several things at the same time: each once, as many as there is room for, some alone, and all ended by what fails."""

import threading
import time

import pytest

from tests.processes import eventually
from workers.several import Several


class Watched:
    """Work that stays until it is let go, and how much of it there was at the same time."""

    def __init__(self, *, places: int, alone: frozenset[int] = frozenset()) -> None:
        self.places = places
        self.running: set[int] = set()
        self.together: list[frozenset[int]] = []
        self.worked: list[int] = []
        self.failing: set[int] = set()
        self._lock = threading.Lock()
        self.looks_until = 1_000_000
        self.several = Several(self._work, places=lambda: self.places, alone=alone.__contains__, look=self._look)

    def _look(self) -> None:
        if len(self.worked) >= self.looks_until:
            raise KeyboardInterrupt

    def _work(self, number: int) -> None:
        with self._lock:
            self.worked.append(number)
            self.running.add(number)
            self.together.append(frozenset(self.running))
        if number in self.failing:
            raise ZeroDivisionError(number)
        time.sleep(0.002)
        if number == -1:
            eventually(lambda: self.several.halted)
        with self._lock:
            self.running.discard(number)


def test_each_is_worked_once_and_as_many_as_there_is_room_for() -> None:
    watched = Watched(places=3)
    watched.several.through(range(40))

    assert sorted(watched.worked) == list(range(40))
    assert max(map(len, watched.together)) == 3


def test_one_at_a_time_they_keep_their_order() -> None:
    watched = Watched(places=1)
    watched.several.through(range(20))

    assert watched.worked == list(range(20))
    assert max(map(len, watched.together)) == 1


def test_what_may_be_at_fault_is_worked_alone() -> None:
    watched = Watched(places=4, alone=frozenset({5, 6, 11}))
    watched.several.through(range(16))

    assert sorted(watched.worked) == list(range(16))
    assert all(len(some) == 1 for some in watched.together if some & {5, 6, 11})
    assert max(map(len, watched.together)) > 1


def test_what_fails_ends_all_and_leaves_nothing_behind() -> None:
    watched = Watched(places=2)
    watched.failing = {3}

    with pytest.raises(ZeroDivisionError):
        watched.several.through([-1, 3, 4, 5])

    assert sorted(watched.worked) == [-1, 3]
    assert watched.running == {3}


def test_a_look_ends_it_all() -> None:
    watched = Watched(places=1)
    watched.looks_until = 2
    with pytest.raises(KeyboardInterrupt):
        watched.several.through(range(10))
    assert watched.worked == [0, 1]


def test_nothing_is_done_at_once() -> None:
    Watched(places=2).several.through([])
