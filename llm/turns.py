"""Turns at the model's server: no more requests at once than it can take, people before batch work, waiting seen.

Who is next is decided in `llm.line`. With a Redis the line is that of all processes of the installation; without one,
or while it is away, each process has its own.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from uuid import uuid4

from redis.exceptions import RedisError

from core.errors import ModelUnavailable
from core.redis import redis_client
from core.settings import Settings
from llm.line import LEASE_SECONDS, Book, BookHere, BookInRedis, Line, Priority, Ticket

_POLL_SECONDS = 0.2
# How often somebody who waits hears of it although nothing has changed, so that who went away is noticed.
_TELL_SECONDS = 5.0
_BATCH_WAITS_SECONDS = 3600.0
# After Redis failed, the line is kept here for so long.
_AWAY_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Queue:
    """The line in figures: of all processes where they share one, except the turns and waits of this process so far."""

    running: int
    people: int
    batch: int
    limit: int
    turns: int
    waited_seconds: float


class Turns:
    """Gives out turns. `check` is asked before and while somebody waits, and raises when waiting is of no use.

    No more than `ARCHIVAR_LLM_ANSWERS` people are in the line from one process: each holds a thread of it. A process
    that was killed loses its places after `lease` seconds.
    """

    def __init__(self, settings: Settings, check: Callable[[], None], lease: float = LEASE_SECONDS) -> None:
        self.check = check
        self._lease = lease
        self.limit = settings.llm_concurrency
        self.patience = settings.llm_seconds
        # The other half of the threads keeps searching and signing in while the model hangs.
        self._most = min(settings.llm_answers, settings.web_threads // 2)
        self._owner = uuid4().hex
        self._here = BookHere()
        client = redis_client(settings)
        server = hashlib.sha256(settings.llm_base.encode()).hexdigest()[:16]
        self._shared = None if client is None else BookInRedis(client, f"archivar:llm:{server}")
        self._away_until = 0.0
        self._changed = threading.Condition()
        self._keeping = threading.Lock()
        self._mine: dict[str, Ticket] = {}
        self._threads: set[int] = set()
        self._keeper: threading.Thread | None = None
        self._turns, self._waited = 0, 0.0

    def turn(self, priority: Priority) -> "Turn":
        """A place in the line, as a context manager. Whoever has a turn already gets another one at once.

        Raises `ModelUnavailable` when too many of this process are in the line, and what `check` raises.
        """
        self.check()
        with self._changed:
            if threading.get_ident() in self._threads:
                # What is asked in the middle of an answer belongs to its turn: waiting for others, who wait too, would
                # be for ever.
                return Turn(self, None)
            people = sum(one.priority is Priority.PERSON for one in self._mine.values())
            if priority is Priority.PERSON and people >= self._most:
                raise ModelUnavailable(
                    "The language model has as many questions to answer as it may have at once. Ask again in a moment.",
                    retry_after=5,
                )
            ticket = Ticket(uuid4().hex, self._owner, priority)
            self._mine[ticket.id] = ticket
        self._keep()
        return Turn(self, ticket)

    def queue(self) -> Queue:
        """The line in figures."""
        line = self._line(None)
        people, batch = line.waiting(Priority.PERSON), line.waiting(Priority.BATCH)
        return Queue(line.running, people, batch, self.limit, self._turns, self._waited)

    def try_start(self, ticket: Ticket) -> int | None:
        """Begin if it may: None then, else how many are ahead."""
        line = self._line(None)
        if ticket.id not in line.tickets:
            line = self._keep()
        if not line.may_start(ticket.id, self.limit):
            return line.ahead(ticket.id)
        started = self._line(lambda line, _now: line.started(ticket.id, self.limit)).tickets.get(ticket.id)
        if started is None or not started.running:
            return 0
        with self._changed:
            self._mine[ticket.id] = started
            self._threads.add(threading.get_ident())
            self._turns += 1
        return None

    def rest(self) -> None:
        """Pause until something may have changed."""
        began = time.monotonic()
        with self._changed:
            self._changed.wait(_POLL_SECONDS)
            self._waited += time.monotonic() - began

    def leave(self, ticket: Ticket, thread: int | None) -> None:
        """Give a place back."""
        with self._changed:
            self._mine.pop(ticket.id, None)
            if thread is not None:
                self._threads.discard(thread)
        self._keep()
        with self._changed:
            self._changed.notify_all()

    def _keep(self) -> Line:
        """Show life and name the places of this process, in the line there and, for when that is away, in ours."""
        # One after the other, or what is old by now could be written over what is new.
        with self._keeping:
            with self._changed:
                mine = dict(self._mine)
            self._here.change(lambda line, now: line.kept(self._owner, now, mine))
            line = self._line(lambda line, now: line.kept(self._owner, now + self._lease, mine))
        with self._changed:
            if self._shared is not None and self._mine and self._keeper is None:
                self._keeper = threading.Thread(target=self._keep_on, name="llm-turns", daemon=True)
                self._keeper.start()
        return line

    def _keep_on(self) -> None:
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: not self._mine, self._lease / 3):
                    self._keeper = None
                    return
            self._keep()

    def _line(self, change: Callable[[Line, float], Line] | None) -> Line:
        """The line after a change, or as it stands; ours while the other one cannot be reached."""
        book: Book = self._here
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return self._shared.change(change) if change else self._shared.read()
            except RedisError as error:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                log.warning("Turns at the language model are kept by this process alone: %s.", type(error).__name__)
        return book.change(change) if change else book.read()


class Turn:
    """A place in the line; leaves it at the end of the `with` block."""

    def __init__(self, turns: Turns, ticket: Ticket | None) -> None:
        self._turns = turns
        self._ticket = ticket
        self._thread: int | None = None

    def wait(self) -> Iterator[int]:
        """Wait for the turn: gives how many are ahead, when that changes and every few seconds; ends when it has come.

        Raises `ModelUnavailable` when it takes too long, and what the check of the turns raises.
        """
        if self._ticket is None or self._thread is not None:
            return
        people = self._ticket.priority is Priority.PERSON
        patience = self._turns.patience if people else _BATCH_WAITS_SECONDS
        began = time.monotonic()
        said, said_at = -1, 0.0
        while (ahead := self._turns.try_start(self._ticket)) is not None:
            now = time.monotonic()
            if now - began > patience:
                raise ModelUnavailable(
                    "The language model is busy with other questions. Ask again in a moment.", retry_after=10
                )
            if ahead != said or now - said_at > _TELL_SECONDS:
                said, said_at = ahead, now
                yield ahead
            self._turns.rest()
            self._turns.check()
        self._thread = threading.get_ident()

    def __enter__(self) -> "Turn":
        """The place is taken already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the place back."""
        if self._ticket is not None:
            self._turns.leave(self._ticket, self._thread)
