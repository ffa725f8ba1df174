"""When schedules are due: cron expressions with five fields, read in a time zone, daylight saving included.

The library does as Debian's cron: a time that the clocks skip runs right after, and one that they repeat runs once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from core.errors import InvalidRequest
from core.summaries import CatchUp, Schedule

_FIELDS = 5
_MOST_AT_ONCE = 100
# A time that so much has passed since was missed.
_GRACE = timedelta(minutes=5)


def checked(cron: str, timezone: str) -> str:
    """The expression with single spaces. Raises `InvalidRequest` unless there is such a zone and a time to come."""
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        # `ZoneInfoNotFoundError` is a `KeyError`, and odd names give others.
        raise InvalidRequest(_no_zone(timezone)) from None
    plain = " ".join(cron.split())
    if len(plain.split()) != _FIELDS:
        raise InvalidRequest("A cron expression has five fields: minute, hour, day of month, month, day of week.")
    try:
        found = next_after(plain, timezone, datetime.now(UTC))
    except CronSimError as error:
        raise InvalidRequest(f"This is no cron expression: {error}.") from None
    if found is None:
        raise InvalidRequest("This cron expression is never due.")
    return plain


def next_after(cron: str, timezone: str, after: datetime) -> datetime | None:
    """The first time after this moment, in UTC; None where there is none in the next fifty years."""
    return next(_times(cron, timezone, after), None)


def several_after(cron: str, timezone: str, after: datetime, count: int) -> list[datetime]:
    """The next times, in UTC."""
    return list(islice(_times(cron, timezone, after), count))


def in_words(cron: str) -> str:
    """What the expression says, in English."""
    return str(CronSim(cron, datetime.now(UTC)).explain())


def due(schedule: Schedule, at: datetime) -> tuple[list[datetime], datetime | None]:
    """The times for which a schedule that is due has to run now, and when it is due next."""
    assert schedule.next_at is not None
    cron, zone = schedule.cron, schedule.timezone
    # Clocks are set back: what is due next comes after everything that has been.
    following = next_after(cron, zone, max(at, schedule.next_at))
    if schedule.catch_up is CatchUp.ALL:
        times = [schedule.next_at]
        for time in islice(_times(cron, zone, schedule.next_at), _MOST_AT_ONCE - 1):
            if time > at:
                break
            times.append(time)
        # Whatever is left of a long time comes with the next look.
        return times, next_after(cron, zone, times[-1])
    last = max(schedule.next_at, _last_until(cron, zone, at) or schedule.next_at)
    if schedule.catch_up is CatchUp.NONE and at - last > _GRACE:
        return [], following
    return [last], following


def _last_until(cron: str, timezone: str, at: datetime) -> datetime | None:
    # The library looks before a moment, so that one later includes it.
    start = at.astimezone(ZoneInfo(timezone)) + timedelta(minutes=1)
    for time in islice(CronSim(cron, start, reverse=True), 3):
        found = time.astimezone(UTC)
        if found <= at:
            return found
    return None


def _times(cron: str, timezone: str, after: datetime) -> Iterator[datetime]:
    for time in CronSim(cron, after.astimezone(ZoneInfo(timezone))):
        found = time.astimezone(UTC)
        # Where clocks are set back, the library may name a moment that has been.
        if found > after:
            yield found


def _no_zone(timezone: str) -> str:
    return f"There is no time zone {timezone[:64]}. Use a name of the IANA database, such as Europe/Berlin."
