"""A month of schedules: the runs that were and those that are to come, on the days of their schedules' time zones."""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.summaries import Schedule, SummaryRun
from core.values import Job
from workers import cron

# Of a schedule that runs more often, not every run is shown.
_MOST_TIMES = 200


@dataclass(frozen=True, slots=True)
class Event:
    """A run that was, by its id, or one that will be, by its schedule's; `at` is in the time zone of the schedule.

    What comes several times a day is one event with its first time.
    """

    at: datetime
    name: str
    id: str
    job: Job | None = None
    times: int = 1


@dataclass
class Day:
    """A day; `inside` whether it is of the month."""

    date: date
    inside: bool
    events: list[Event] = field(default_factory=list)


def span(month: date) -> tuple[datetime, datetime]:
    """When the weeks of a month begin and end, with a day more on either side for all time zones."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    begins = datetime.combine(weeks[0][0], time.min, UTC) - timedelta(days=1)
    return begins, datetime.combine(weeks[-1][-1], time.max, UTC) + timedelta(days=1)


def filled(
    month: date, schedules: Iterable[Schedule], runs: Iterable[tuple[SummaryRun, Job]], now: datetime
) -> list[Day]:
    """The days of the month's weeks with their runs in order."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    days = {one: Day(one, one.month == month.month) for week in weeks for one in week}
    known = {one.id: one for one in schedules}
    events = [*_past(known, runs), *(event for one in known.values() for event in _coming(one, span(month), now))]
    for event in _together(sorted(events, key=lambda one: one.at)):
        if event.at.date() in days:
            days[event.at.date()].events.append(event)
    return list(days.values())


def _together(events: Iterable[Event]) -> Iterable[Event]:
    found: dict[tuple[date, str], Event] = {}
    for event in events:
        key = event.at.date(), event.id
        known = found.get(key)
        found[key] = event if known is None else replace(known, times=known.times + 1)
    return found.values()


def _past(schedules: Mapping[str, Schedule], runs: Iterable[tuple[SummaryRun, Job]]) -> Iterable[Event]:
    for run, job in runs:
        schedule = schedules.get(run.schedule_id or "")
        zone = ZoneInfo(schedule.timezone) if schedule is not None else UTC
        yield Event((run.due_at or run.created_at).astimezone(zone), run.title, run.id, job)


def _coming(schedule: Schedule, within: tuple[datetime, datetime], now: datetime) -> Iterable[Event]:
    if schedule.paused or schedule.next_at is None:
        return
    after = max(now, within[0]) - timedelta(seconds=1)
    zone = ZoneInfo(schedule.timezone)
    for at in cron.several_after(schedule.cron, schedule.timezone, after, _MOST_TIMES):
        if at > within[1]:
            return
        yield Event(at.astimezone(zone), schedule.name, schedule.id)
