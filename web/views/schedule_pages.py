"""Schedules as people see them: the list with its calendar, and the form of each with its next and last runs.

Scripts keep, pause, run and delete schedules over the REST interface.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Response
from pydantic import Field

from core.access import Action, permits
from core.errors import InvalidRequest, NotFound
from core.summaries import Schedule, SummaryRequest
from core.wire import Json
from web import calendars, languages, models, rhythms
from web.api import HTML, Call, Endpoint, Routes
from web.views.ask_pages import Scope, scope_told
from web.views.schedules import permitted_schedule
from web.views.summary_pages import about, rows, summary_page, wish_fields
from workers import cron
from workers.delivery.wishes import available

_MOST_SCHEDULES = 200
_MOST_RUNS = 500
_HISTORY = 30
_NEXT = 5
_DECEMBER = 12

routes = Routes("Pages")


class Month(models.Parameters):
    """Which month the calendar shows; empty for this one."""

    month: Annotated[str, Field(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")] = ""


@routes.serve(Endpoint("GET", "/schedules", "Your schedules", HTML, query=Month, errors=(InvalidRequest,)))
def schedules(call: Call, query: Month) -> Response:
    """The reader's schedules, and a month of their runs."""
    now = call.store.schedules.clock()
    month = date.fromisoformat(f"{query.month}-01") if query.month else now.astimezone(UTC).date().replace(day=1)
    found = call.store.schedules.of_owner(call.reader.user_id, limit=_MOST_SCHEDULES)
    since, until = calendars.span(month)
    runs = call.store.summaries.scheduled(call.reader.user_id, since, until, limit=_MOST_RUNS)
    told = [(row.run, row.job) for row in rows(call, runs)]
    return summary_page(
        call,
        "schedules.html",
        schedules=[(one, about(call, one.request), call.store.schedules.last_run(one.id)) for one in found],
        days=calendars.filled(month, found, told, now),
        month=month,
        month_name=languages.month_name(month),
        earlier=_shifted(month, -1),
        later=_shifted(month, 1),
        today=now.date(),
        day_names=rhythms.day_names(),
        short_names=rhythms.day_names("abbreviated"),
        in_words=rhythms.in_words,
    )


@routes.serve(Endpoint("GET", "/schedules/new", "Make a schedule", HTML, query=Scope, errors=(NotFound,)))
def new_schedule(call: Call, query: Scope) -> Response:
    """The form, about a collection or a document where the address names one."""
    return _form(call, None, scope_told(call, query))


@routes.serve(Endpoint("GET", "/schedules/{schedule_id}", "A schedule", HTML, errors=(NotFound,)))
def schedule(call: Call, schedule_id: str) -> Response:
    """The form of a schedule with its next runs and its history."""
    found = permitted_schedule(call, schedule_id)
    return _form(call, found, _scope_of(call, found.request))


def _form(call: Call, found: Schedule | None, scope: Json) -> Response:
    runs = call.store.summaries.of_owner(None, schedule_id=found.id, limit=_HISTORY) if found is not None else []
    coming = _coming(found) if found is not None else []
    return summary_page(
        call,
        "schedule.html",
        **wish_fields(call, found.request if found is not None else None),
        schedule=found,
        rhythm=rhythms.rhythm(found.cron) if found is not None else rhythms.Rhythm(),
        in_words=rhythms.in_words,
        coming=coming,
        rows=rows(call, runs),
        channels={one.value for one, there in available(call.settings).items() if there},
        delivered={one.channel.value: one for one in found.delivery} if found is not None else {},
        day_names=rhythms.day_names("abbreviated"),
        zones=sorted(one for one in available_timezones() if "/" in one and not one.startswith("Etc/")),
        data={"scope": scope, "schedule": found.id if found is not None else None},
    )


def _coming(found: Schedule) -> list[datetime]:
    if found.next_at is None:
        return []
    times = [found.next_at, *cron.several_after(found.cron, found.timezone, found.next_at, _NEXT - 1)]
    return [one.astimezone(ZoneInfo(found.timezone)) for one in times]


def _scope_of(call: Call, request: SummaryRequest) -> Json:
    """Where a request looks, as the choice of where to look begins with it; what is closed by now is left out."""
    within = request.selection
    documents: list[dict[str, Any]] = []
    for one in request.document_ids or (within.documents if within is not None else None) or ():
        try:
            document = call.store.documents.get(one)
        except NotFound:
            continue
        if permits(call.reader, Action.READ, document.collection_id):
            documents.append({"id": one, "name": document.path, "collection": document.collection_id})
    wanted = (within.collections if within is not None else None) or ()
    readable = [one for one in wanted if permits(call.reader, Action.READ, one)]
    existing = frozenset(call.store.collections.ids())
    named = [call.store.collections.get(one) for one in readable if one in existing]
    return {"collections": [{"id": one.id, "name": one.name} for one in named], "documents": documents}


def _shifted(month: date, by: int) -> str:
    whole = month.year * _DECEMBER + month.month - 1 + by
    return f"{whole // _DECEMBER:04}-{whole % _DECEMBER + 1:02}"
