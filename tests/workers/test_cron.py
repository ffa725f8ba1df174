"""When schedules are due: daylight saving, missed times, two clocks that disagree, and ten thousand looks."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidRequest
from core.summaries import CatchUp, Schedule, SummaryOptions, SummaryRequest
from workers import cron

BERLIN = "Europe/Berlin"


def schedule(expression: str, timezone: str, next_at: datetime, catch_up: CatchUp = CatchUp.ONE) -> Schedule:
    """One of nobody over nothing."""
    request = SummaryRequest(SummaryOptions())
    return Schedule("s", None, "S", expression, timezone, request, {}, catch_up, False, next_at, next_at)


def at(text: str) -> datetime:
    """A moment in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def test_a_time_that_the_clocks_skip_runs_once_and_one_that_they_repeat_as_well() -> None:
    spring = cron.several_after("30 2 * * *", BERLIN, at("2026-03-28T12:00"), 2)
    assert spring == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), at("2026-03-30T02:30")]
    autumn = cron.several_after("30 2 * * *", BERLIN, at("2026-10-24T12:00"), 2)
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), at("2026-10-26T02:30")]


@pytest.mark.parametrize(
    ("catch_up", "late", "runs"),
    [
        (CatchUp.ONE, timedelta(seconds=5), ["06:00"]),
        (CatchUp.ONE, timedelta(hours=3), ["09:00"]),
        (CatchUp.ALL, timedelta(hours=3), ["06:00", "07:00", "08:00", "09:00"]),
        (CatchUp.NONE, timedelta(seconds=5), ["06:00"]),
        (CatchUp.NONE, timedelta(hours=3, minutes=30), []),
    ],
)
def test_what_becomes_of_missed_times(catch_up: CatchUp, late: timedelta, runs: list[str]) -> None:
    first = datetime(2026, 3, 2, 6, tzinfo=UTC)

    times, following = cron.due(schedule("0 * * * *", "UTC", first, catch_up), first + late)

    assert [f"{time:%H:%M}" for time in times] == runs
    assert following is not None and following > first + late


@pytest.mark.parametrize(("expression", "timezone"), [("* * * *", "UTC"), ("0 0 31 2 *", "UTC"), ("* * * * *", "X/Y")])
def test_what_is_no_schedule(expression: str, timezone: str) -> None:
    with pytest.raises(InvalidRequest):
        cron.checked(expression, timezone)


@pytest.mark.parametrize("expression", ["* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 1 * *"])
def test_ten_thousand_looks_of_two_beats_whose_clocks_jump(expression: str) -> None:
    """Each time runs at most once, and what is due next always comes after everything that has been."""
    rng = random.Random(7)
    now = at("2026-03-28T00:00")
    following = cron.next_after(expression, BERLIN, now)
    ran: set[datetime] = set()
    for _ in range(2_500):
        now += timedelta(seconds=rng.choice([5, 20, 60, 60, 3600, 40_000]))
        seen = now + timedelta(hours=rng.choice([0] * 8 + [-1, 1]))
        assert following is not None
        if following > seen:
            continue
        times, after = cron.due(schedule(expression, BERLIN, following), seen)
        assert after is not None and after > following and after > seen
        assert len(times) == 1 and times[0] not in ran and following <= times[0] <= seen
        ran.update(times)
        following = after
    assert following is not None and len(ran) > 5
