"""The line before the model's server: who is being served, who waits, and who is next. Values only, nothing waits here.

People come before batch work, however long that has waited, and batch work leaves places free for people. The line is
kept in this process or, for all processes of an installation, in Redis.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from redis import Redis
from redis.exceptions import RedisError, WatchError

# The places of a process that was killed are free after so long; processes show life three times as often.
LEASE_SECONDS = 9.0
_KEPT_SECONDS = 600
_ATTEMPTS = 100
# One place in so many, at least one, is never taken by batch work.
_FOR_PEOPLE = 4


class Priority(StrEnum):
    """For whom the model is asked: somebody who waits for the answer, or work that can wait."""

    PERSON = "person"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the line. `owner` is the process; `number` counts arrivals and is given by the line."""

    id: str
    owner: str
    priority: Priority
    number: int = 0
    running: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Everybody in the line, and until when each process is known to live."""

    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    owners: Mapping[str, float] = field(default_factory=dict)
    last: int = 0

    def kept(self, owner: str, until: float, mine: Mapping[str, Ticket]) -> "Line":
        """The line after a process has shown life and named all its places; those that got lost are there again."""
        others = {key: one for key, one in self.tickets.items() if one.owner != owner}
        last, named = self.last, {}
        for ticket in sorted(mine.values(), key=lambda one: one.number or float("inf")):
            known = self.tickets.get(ticket.id, ticket)
            if not known.number:
                last += 1
                known = replace(known, number=last)
            named[ticket.id] = replace(known, running=known.running or ticket.running)
        last = max([last, *(one.number for one in named.values())])
        owners = {key: at for key, at in self.owners.items() if key != owner}
        return Line({**others, **named}, {**owners, owner: until} if named else owners, last)

    def living(self, now: float) -> "Line":
        """The line without the places of processes that died."""
        owners = {owner: until for owner, until in self.owners.items() if until > now}
        return replace(self, tickets={k: t for k, t in self.tickets.items() if t.owner in owners}, owners=owners)

    def started(self, key: str, limit: int) -> "Line":
        """The line after a ticket has begun, or the same line when it may not yet."""
        if not self.may_start(key, limit):
            return self
        return replace(self, tickets={**self.tickets, key: replace(self.tickets[key], running=True)})

    def may_start(self, key: str, limit: int) -> bool:
        """Whether a waiting ticket is next and there is room."""
        ticket = self.tickets.get(key)
        if ticket is None or ticket.running:
            return False
        busy = sum(one.running for one in self.tickets.values()) + self.ahead(key)
        if ticket.priority is Priority.PERSON:
            return busy < limit
        return not self.waiting(Priority.PERSON) and busy < limit - kept_for_people(limit)

    def ahead(self, key: str) -> int:
        """How many that wait are served before a ticket."""
        mine = self.tickets.get(key)
        if mine is None:
            return 0
        same = [t for t in self.tickets.values() if t.priority is mine.priority and not t.running]
        people = self.waiting(Priority.PERSON) if mine.priority is Priority.BATCH else 0
        return people + sum(one.number < mine.number for one in same)

    def waiting(self, priority: Priority) -> int:
        """How many wait."""
        return sum(one.priority is priority and not one.running for one in self.tickets.values())

    @property
    def running(self) -> int:
        """How many are served."""
        return sum(one.running for one in self.tickets.values())


def kept_for_people(limit: int) -> int:
    """The places that batch work leaves free. With a single place it takes that, when nobody waits."""
    return max(1, limit // _FOR_PEOPLE) if limit > 1 else 0


class Book(Protocol):
    """Where a line is kept."""

    def read(self) -> Line:
        """The line as it stands."""
        ...

    def change(self, change: Callable[[Line, float], Line]) -> Line:
        """Change the line, given the time by the clock that its leases go by; nobody else changes it meanwhile."""
        ...


class BookHere:
    """The line of this process alone."""

    def __init__(self) -> None:
        self._line = Line()
        self._lock = threading.Lock()

    def read(self) -> Line:
        """The line as it stands."""
        return self._line

    def change(self, change: Callable[[Line, float], Line]) -> Line:
        """Change the line."""
        with self._lock:
            # There is one owner, and it lives.
            self._line = change(self._line, time.monotonic())
            return self._line


class BookInRedis:
    """The line of all processes that share a Redis. Methods raise `RedisError`.

    One value under one key, changed only if nobody else changed it since it was read; leases go by Redis's clock.
    """

    def __init__(self, client: Redis, key: str) -> None:
        self._client = client
        self._key = key

    def read(self) -> Line:
        """The line as it stands."""
        return _parsed(self._client.get(self._key)).living(_seconds(self._client.time()))

    def change(self, change: Callable[[Line, float], Line]) -> Line:
        """Change the line."""
        with self._client.pipeline() as pipe:
            for attempt in range(_ATTEMPTS):
                try:
                    pipe.watch(self._key)  # type: ignore[no-untyped-call]
                    now = _seconds(pipe.time())
                    line = change(_parsed(pipe.get(self._key)).living(now), now)
                    pipe.multi()
                    pipe.set(self._key, _written(line), ex=_KEPT_SECONDS)
                    pipe.execute()
                except WatchError:
                    time.sleep(0.001 * attempt)
                else:
                    return line
        raise RedisError("the line changes too fast")


def _seconds(told: object) -> float:
    assert isinstance(told, tuple | list)
    seconds, microseconds = told
    return float(seconds) + float(microseconds) / 1e6


def _written(line: Line) -> str:
    tickets = [asdict(ticket) for ticket in line.tickets.values()]
    return json.dumps({"tickets": tickets, "owners": dict(line.owners), "last": line.last})


def _parsed(data: object) -> Line:
    if not isinstance(data, bytes | str):
        return Line()
    try:
        found = json.loads(data)
        tickets = [Ticket(**{**one, "priority": Priority(one["priority"])}) for one in found["tickets"]]
        return Line({one.id: one for one in tickets}, dict(found["owners"]), int(found["last"]))
    except (ValueError, LookupError, TypeError):
        # Of another release; whoever is in it shows life and is there again within seconds.
        return Line()
