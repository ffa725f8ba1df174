"""Who is next at the model's server: people before batch work, within one process and across several."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from core.errors import ModelUnavailable
from core.settings import ROOT, Settings, child_environment, load_settings
from llm.line import BookInRedis, Line, Priority, Ticket, kept_for_people
from llm.turns import Turns
from tests import places
from tests.processes import eventually
from workers.broker import redis_client

PERSON, BATCH = Priority.PERSON, Priority.BATCH
Limited = Callable[..., Settings]


def nothing() -> None:
    """A server that is well."""


@pytest.fixture(params=["here", "redis"])
def limited(request: pytest.FixtureRequest) -> Limited:
    """Gives settings with a limit, for a line of this process alone or one in Redis."""
    url = "" if request.param == "here" else places.emptied(request.getfixturevalue("redis_url"))
    return lambda limit, **more: load_settings(redis_url=url, llm_concurrency=limit, **more)


class Asking:
    """A thread that waits for a turn and keeps it until it is told to let go."""

    def __init__(self, turns: Turns, priority: Priority, order: list[str] | None = None, name: str = "") -> None:
        self.heard: list[int] = []
        self._go = threading.Event()
        self._has = threading.Event()
        self._trouble: ModelUnavailable | None = None
        self._told = (turns, priority, order if order is not None else [], name)
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    @property
    def has_turn(self) -> bool:
        """Whether its turn has come."""
        return self._has.is_set()

    def let_go(self) -> None:
        """End the turn, now or as soon as it comes."""
        self._go.set()

    def end(self) -> None:
        """Let go, and raise what was raised in the thread."""
        self._go.set()
        self._thread.join(30)
        assert not self._thread.is_alive()
        if self._trouble is not None:
            raise self._trouble

    def _ask(self) -> None:
        turns, priority, order, name = self._told
        try:
            with turns.turn(priority) as turn:
                self.heard.extend(turn.wait())
                order.append(name)
                self._has.set()
                self._go.wait(30)
        except ModelUnavailable as error:
            self._trouble = error


@contextmanager
def held(turns: Turns, *priorities: Priority) -> Iterator[None]:
    """Turns that others have."""
    all_of_them = [Asking(turns, priority) for priority in priorities]
    eventually(lambda: all(one.has_turn for one in all_of_them))
    yield
    for one in all_of_them:
        one.end()


def test_people_overtake_batch_work_that_waits(limited: Limited) -> None:
    turns = Turns(limited(1), nothing)
    order: list[str] = []
    waiting: list[Asking] = []
    with held(turns, PERSON):
        for number, name in enumerate(("b1", "b2", "p1", "p2"), 1):
            waiting.append(Asking(turns, BATCH if name < "c" else PERSON, order, name))
            eventually(lambda number=number: turns.queue().people + turns.queue().batch == number)  # type: ignore[misc]
            waiting[-1].let_go()
        queue = turns.queue()
        # Whoever waits hears how many come first, and when more do.
        eventually(lambda: [waiting[n].heard[-1:] for n in range(4)] == [[2], [3], [0], [1]])
    for one in waiting:
        one.end()

    assert (queue.running, queue.people, queue.batch, queue.limit) == (1, 2, 2, 1)
    assert order == ["p1", "p2", "b1", "b2"]
    assert (turns.queue().running, turns.queue().turns) == (0, 5)
    assert turns.queue().waited_seconds > 0


def test_batch_work_leaves_places_for_people(limited: Limited) -> None:
    turns = Turns(limited(4), nothing)
    with held(turns, BATCH, BATCH, BATCH):
        fourth = Asking(turns, BATCH)
        eventually(lambda: turns.queue().batch == 1)
        with turns.turn(PERSON) as turn:
            assert list(turn.wait()) == []
            assert (turns.queue().running, turns.queue().batch) == (4, 1)
    fourth.end()
    assert [kept_for_people(limit) for limit in (1, 2, 4, 8, 16)] == [0, 1, 1, 2, 4]


def test_what_is_asked_within_a_turn_belongs_to_it(limited: Limited) -> None:
    turns = Turns(limited(1), nothing)
    with turns.turn(PERSON) as outer:
        assert list(outer.wait()) == []
        with turns.turn(PERSON) as inner:
            assert list(inner.wait()) == []
        assert turns.queue().running == 1
    assert turns.queue().running == 0


def test_more_people_than_threads_may_wait_are_refused(limited: Limited) -> None:
    turns = Turns(limited(1, llm_answers=2), nothing)
    with held(turns, PERSON):
        second = Asking(turns, PERSON)
        eventually(lambda: turns.queue().people == 1)
        with pytest.raises(ModelUnavailable, match="at once"):
            turns.turn(PERSON)
    second.end()
    with turns.turn(PERSON) as turn:
        assert list(turn.wait()) == []


def test_waiting_ends(limited: Limited) -> None:
    troubles: list[ModelUnavailable] = []

    def check() -> None:
        if troubles:
            raise troubles[0]

    turns = Turns(limited(1, llm_seconds=0.3), check)
    with held(turns, PERSON):
        with pytest.raises(ModelUnavailable, match="busy with other"):
            Asking(turns, PERSON).end()
        batch = Asking(turns, BATCH)
        eventually(lambda: turns.queue().batch == 1)
        troubles.append(ModelUnavailable("It is left alone."))
        with pytest.raises(ModelUnavailable, match="left alone"):
            batch.end()
        assert turns.queue().people == turns.queue().batch == 0


HOLDER = """
import sys
from core.settings import load_settings
from llm.turns import Priority, Turns
with Turns(load_settings(), lambda: None, lease=1.0).turn(Priority.PERSON) as turn:
    list(turn.wait())
    print("has it", flush=True)
    sys.stdin.read()
"""


def test_processes_share_the_line_and_one_that_is_killed_leaves_it(redis_url: str) -> None:
    settings = load_settings(redis_url=places.emptied(redis_url), llm_concurrency=1)
    turns, elsewhere = Turns(settings, nothing), Turns(settings.model_copy(update={"llm_url": "http://b"}), nothing)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=ROOT,
        env=child_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == b"has it\n"
    here = Asking(turns, PERSON)
    eventually(lambda: turns.queue().people == 1)
    assert turns.queue().running == 1
    assert elsewhere.queue().running == 0  # another server has a line of its own

    other.kill()
    eventually(lambda: here.has_turn)
    here.end()

    other.wait(10)
    other.stdin.close()
    other.stdout.close()
    eventually(lambda: not [one for one in threading.enumerate() if one.name == "llm-turns"])


def test_what_redis_forgot_is_known_again(redis_url: str) -> None:
    settings = load_settings(redis_url=places.emptied(redis_url), llm_concurrency=1)
    turns, others = Turns(settings, nothing, lease=0.6), Turns(settings, nothing)
    with held(turns, PERSON):
        places.emptied(redis_url)
        eventually(lambda: others.queue().running == 1)


def test_without_its_redis_a_process_counts_for_itself() -> None:
    turns = Turns(load_settings(redis_url="redis://127.0.0.1:1/0", llm_concurrency=1), nothing)
    with held(turns, PERSON):
        waiting = Asking(turns, PERSON)
        eventually(lambda: turns.queue().people == 1)
        assert not waiting.has_turn
    waiting.end()


@pytest.mark.parametrize("stored", [b"{", b"[]", b'{"tickets": [{"id": 1}], "owners": {}, "last": 0}', b"\xff"])
def test_what_cannot_be_read_is_an_empty_line(redis_url: str, stored: bytes) -> None:
    client = redis_client(load_settings(redis_url=places.emptied(redis_url)))
    assert client is not None
    client.set("line", stored)

    assert BookInRedis(client, "line").read() == Line()
    client.close()


def test_changes_of_many_are_all_kept(redis_url: str) -> None:
    client = redis_client(load_settings().model_copy(update={"redis_url": SecretStr(places.emptied(redis_url))}))
    assert client is not None
    book = BookInRedis(client, "line")

    def join(owner: str) -> None:
        for number in range(5):
            mine = {f"{owner}{n}": Ticket(f"{owner}{n}", owner, PERSON) for n in range(number + 1)}
            book.change(lambda line, now: line.kept(owner, now + 60, mine))  # noqa: B023 - called at once

    threads = [threading.Thread(target=join, args=(f"owner{n}-",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    line = book.read()
    assert len(line.tickets) == 30
    assert sorted(ticket.number for ticket in line.tickets.values()) == list(range(1, 31))
    client.close()
