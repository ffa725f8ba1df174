"""Cron expressions as people say them: every day, on Mondays, on the first of a month; anything else stays cron.

When something is due is computed in `workers.cron`.
"""

import re
from dataclasses import dataclass

from babel import Locale
from babel.dates import get_day_names

from web.languages import SOURCE, current
from web.languages import gettext as _
from workers import cron

_NUMBER = re.compile(r"\d{1,2}")
_DAYS = re.compile(r"[0-7](?:[-,][0-7])*")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often: `hourly`, `daily`, `weekly`, `monthly`, or `cron` for all else; `weekdays` count from Monday, 0."""

    kind: str = "weekly"
    minute: int = 0
    hour: int = 6
    weekdays: tuple[int, ...] = (0,)
    day: int = 1

    @property
    def time(self) -> str:
        """The time of the day, as a form has it."""
        return f"{self.hour:02}:{self.minute:02}"


def rhythm(expression: str) -> Rhythm:
    """What an expression says, if that is simple."""
    minute, hour, day, month, weekdays = expression.split()
    found = Rhythm("cron")
    if month != "*" or not _NUMBER.fullmatch(minute):
        return found
    at = int(minute), int(hour) if _NUMBER.fullmatch(hour) else 0
    if (hour, day, weekdays) == ("*", "*", "*"):
        found = Rhythm("hourly", int(minute))
    elif not _NUMBER.fullmatch(hour):
        return found
    elif (day, weekdays) == ("*", "*"):
        found = Rhythm("daily", *at)
    elif day == "*" and _DAYS.fullmatch(weekdays):
        found = Rhythm("weekly", *at, _weekdays(weekdays))
    elif weekdays == "*" and _NUMBER.fullmatch(day):
        found = Rhythm("monthly", *at, day=int(day))
    return found


def in_words(expression: str) -> str:
    """The expression in the language of the page; where that has no words for it, as it stands."""
    found = rhythm(expression)
    if found.kind == "hourly":
        return _("Every hour at minute %(minute)s") % {"minute": found.minute}
    if found.kind == "daily":
        return _("Every day at %(time)s") % {"time": found.time}
    if found.kind == "weekly":
        names = ", ".join(day_names()[one] for one in found.weekdays)
        return _("%(days)s at %(time)s") % {"days": names, "time": found.time}
    if found.kind == "monthly":
        return _("On day %(day)s of every month at %(time)s") % {"day": found.day, "time": found.time}
    return cron.in_words(expression) if current() == SOURCE else _("By cron: %(cron)s") % {"cron": expression}


def day_names(width: str = "wide") -> list[str]:
    """The days of the week from Monday on, in the language of the page."""
    names = get_day_names(width, locale=Locale.parse(current()))  # type: ignore[arg-type]
    return [str(names[day]) for day in range(_WEEK)]


def _weekdays(told: str) -> tuple[int, ...]:
    """Days from Monday on, of cron's, where 0 and 7 are Sunday."""
    found: set[int] = set()
    for part in told.split(","):
        first, _dash, last = part.partition("-")
        found |= {(day - 1) % _WEEK for day in range(int(first), int(last or first) + 1)}
    return tuple(sorted(found))
