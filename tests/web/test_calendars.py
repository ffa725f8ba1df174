"""A month of schedules: past and coming runs on their days, in the time zone of each schedule."""

from dataclasses import replace
from datetime import UTC, date, datetime

from core.summaries import CatchUp, Schedule, SummaryOptions, SummaryRequest, SummaryRun
from core.values import Job, JobState, Progress
from web.calendars import filled, span

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
WISH = SummaryRequest(SummaryOptions())
LATE = Schedule(
    id="s",
    owner=None,
    name="Late",
    cron="30 0 * * 2",
    timezone="Europe/Berlin",
    request=WISH,
    delivery={},
    catch_up=CatchUp.ONE,
    paused=False,
    next_at=datetime(2026, 11, 16, 23, 30, tzinfo=UTC),
    created_at=NOW,
)
JOB = Job("r", "summarise", "r", JobState.DONE, 1, Progress(), None, None)
RUN = SummaryRun("r", None, WISH, NOW, "Late", "s", datetime(2026, 11, 9, 23, 30, tzinfo=UTC))


def test_runs_stand_on_the_days_of_their_own_zone() -> None:
    days = filled(date(2026, 11, 1), [LATE], [(RUN, JOB)], NOW)

    assert (days[0].date, days[-1].date, len(days) % 7) == (date(2026, 10, 26), date(2026, 12, 6), 0)
    told = {day.date.day: [(one.at.strftime("%H:%M"), one.job is not None) for one in day.events] for day in days}
    assert told[10] == [("00:30", True)] and told[17] == told[24] == [("00:30", False)]
    assert [day.date for day in days if day.events][-1] == date(2026, 12, 1)


def test_what_is_paused_or_past_does_not_come() -> None:
    assert not any(day.events for day in filled(date(2026, 11, 1), [replace(LATE, paused=True)], [], NOW))
    assert not any(day.events for day in filled(date(2026, 9, 1), [LATE], [], NOW))


def test_what_runs_every_minute_is_shown_for_a_while_only() -> None:
    often = replace(LATE, cron="* * * * *")

    told = [one for day in filled(date(2026, 11, 1), [often], [], NOW) for one in day.events]
    assert [(one.name, one.times) for one in told] == [("Late", 200)]
    assert span(date(2026, 2, 1))[0].day == 25
