"""Ten thousand looks at schedules in a real database: two lookers whose clocks disagree and jump, restarts, both
changes of daylight saving. No time runs twice, and none is lost.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.settings import Settings
from core.storage.store import Store
from core.summaries import CatchUp, Schedule, SummaryOptions, SummaryRequest
from tests.places import EVERYWHERE
from tests.workers.first_sentences import FirstSentences
from workers import cron
from workers.summary_tasks import SummaryWorker

pytestmark = [pytest.mark.parametrize("place", EVERYWHERE, indirect=True), pytest.mark.timeout(400)]

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 24, 12, tzinfo=UTC)
# Each reaches over a change of daylight saving several times, at other minutes.
EXPRESSIONS = ("*/30 * * * *", "30 2 * * *", "15 1-3 * * *", "0 6 * * 1-5")


class Lookers:
    """Two workers that look in turn, each by a clock of its own and with a store of its own, which a restart opens."""

    def __init__(self, settings: Settings, start: datetime, rng: random.Random) -> None:
        self.settings = settings
        self.now = start
        self._rng = rng
        self.latest = start
        self._stores = [Store(settings), Store(settings)]
        self._wrong = [timedelta(), timedelta()]

    def look(self) -> None:
        """Time passes, a clock may be set, a worker be started anew; then one of the two looks, or both."""
        rng = self._rng
        self.now += timedelta(seconds=rng.choice([5, 10, 10, 10, 60, 600, 3600]))
        number = rng.randrange(2)
        if rng.random() < 0.02:
            self._wrong[number] = timedelta(seconds=rng.choice([0, 0, -7200, -90, 90, 3600]))
        if rng.random() < 0.005:
            self._stores[number].close()
            self._stores[number] = Store(self.settings)
        if rng.random() < 0.3:
            self._both()
        else:
            self._worker(number).fire(self._seen(number))

    def _both(self) -> None:
        """One reads what is due, the other fires it, and the first goes on with what it has read."""
        late, quick = self._rng.sample([0, 1], 2)
        at, schedules = self._seen(late), self._stores[late].schedules
        read = schedules.due(at)
        self._worker(quick).fire(self._seen(quick))
        for schedule in read:
            schedules.fire(schedule, *cron.due(schedule, at))

    def settle(self) -> datetime:
        """Both clocks are right again, and everything that is due by now is fired; the latest moment seen so far."""
        self._wrong = [timedelta(), timedelta()]
        self.now = max(self.now, self.latest)
        while self._stores[0].schedules.due(self.now):
            self._worker(0).fire(self.now)
        return self.now

    def _worker(self, number: int) -> SummaryWorker:
        store = self._stores[number]
        return SummaryWorker(self.settings, store, lambda: FirstSentences(store))

    def _seen(self, number: int) -> datetime:
        seen = self.now + self._wrong[number]
        self.latest = max(self.latest, seen)
        return seen

    def close(self) -> None:
        """Close the stores."""
        for store in self._stores:
            store.close()


@pytest.fixture
def rng() -> random.Random:
    """The same each time."""
    return random.Random(20260328)


@pytest.fixture(params=[SPRING, AUTUMN], ids=["spring", "autumn"])
def lookers(request: pytest.FixtureRequest, settings: Settings, rng: random.Random) -> Iterator[Lookers]:
    """Two lookers shortly before a change of daylight saving."""
    two = Lookers(settings, request.param, rng)
    yield two
    two.close()


def _schedule(store: Store, expression: str, catch_up: CatchUp, start: datetime) -> Schedule:
    return store.schedules.add(
        owner=None,
        name=f"{expression} {catch_up}",
        cron=expression,
        timezone=BERLIN.key,
        request=SummaryRequest(SummaryOptions()),
        delivery={},
        catch_up=catch_up,
        next_at=cron.next_after(expression, BERLIN.key, start),
    )


def _times(expression: str, start: datetime, end: datetime) -> list[datetime]:
    """All times of a schedule in UTC, found by walking over the minutes: not by the library that is tested.

    What names its hours follows the wall clock: a time that comes twice counts once, one that is skipped comes with the
    first moment after the gap.
    """
    minute, hour, _, _, weekday = expression.split()
    hours = {"1-3": range(1, 4), "*": range(24)}[hour] if hour in {"1-3", "*"} else [int(hour)]
    minutes = range(0, 60, 30) if minute == "*/30" else [int(minute)]
    days = range(7) if weekday == "*" else range(5)
    found, wall = set(), (start - timedelta(hours=3)).replace(second=0, microsecond=0, tzinfo=None)
    while wall < end.replace(tzinfo=None) + timedelta(hours=3):
        wall += timedelta(minutes=1)
        if wall.minute in minutes and wall.hour in hours and wall.weekday() in days:
            found |= _moments(wall, twice=hour == "*")
    return sorted(one for one in found if start < one <= end)


def _moments(wall: datetime, *, twice: bool) -> set[datetime]:
    both = [wall.replace(tzinfo=BERLIN, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if both[0].astimezone(BERLIN).replace(tzinfo=None) != wall:
        # The gap is an hour from two to three, at one in UTC.
        return set() if twice else {both[0].replace(hour=1, minute=0)}
    return set(both) if twice else {both[0]}


def _ran(store: Store) -> Counter[tuple[str, datetime]]:
    """How often each time of each schedule ran."""
    runs = store.summaries.of_owner(None, limit=1_000_000)
    return Counter((str(run.schedule_id), run.due_at) for run in runs if run.due_at is not None)


def test_no_time_runs_twice_and_none_is_lost(store: Store, lookers: Lookers, rng: random.Random) -> None:
    _look(store, lookers, rng, 500)


@pytest.mark.torture
def test_ten_thousand_looks_in_each_place_at_each_change(store: Store, lookers: Lookers, rng: random.Random) -> None:
    _look(store, lookers, rng, 10_000)


def _look(store: Store, lookers: Lookers, rng: random.Random, looks: int) -> None:
    """So many looks, and what has to be true of them."""
    start = lookers.now
    schedules = [_schedule(store, one, catch_up, start) for one in EXPRESSIONS for catch_up in CatchUp]
    for number in range(looks):
        lookers.look()
        if rng.random() < 0.01:
            _save_anew(store, rng.choice(schedules))
        if number % 500 == 499:
            _nothing_is_overdue(store, schedules, start, lookers.settle())
    end = lookers.settle()

    ran = _ran(store)
    assert set(ran.values()) == {1}
    for schedule in schedules:
        times = _times(schedule.cron, start, end)
        mine = sorted(at for schedule_id, at in ran if schedule_id == schedule.id)
        assert set(mine) <= set(times), schedule.name
        if schedule.catch_up is CatchUp.ALL:
            assert mine == times, schedule.name
        assert schedule.catch_up is CatchUp.NONE or mine[-1] == times[-1], schedule.name


def _save_anew(store: Store, schedule: Schedule) -> None:
    """Somebody saves a schedule on a machine whose clock is late: times that have been are due once more."""
    known = store.schedules.get(schedule.id).next_at
    assert known is not None
    again = cron.next_after(schedule.cron, schedule.timezone, known - timedelta(hours=30))
    store.schedules.change(schedule.id, next_at=again)


def _nothing_is_overdue(store: Store, schedules: list[Schedule], start: datetime, at: datetime) -> None:
    ran = _ran(store)
    for schedule in schedules:
        last = max(_times(schedule.cron, start, at), default=None)
        assert last is None or schedule.catch_up is CatchUp.NONE or ran[schedule.id, last] == 1, schedule.name
