"""Schedules over REST: summaries again and again."""

from datetime import UTC, datetime

from core.access import require_owner
from core.deliveries import wishes_json
from core.errors import InvalidRequest, NotFound
from core.summaries import CatchUp, Schedule, request_json
from core.wire import Json, job_json
from web import models, summary_models
from web.api import Call, Endpoint, Routes
from web.paging import one_page
from web.views.summaries import permitted_request
from workers import cron
from workers.delivery import wishes
from workers.schedules import schedule_told

_ALL = "/api/v1/schedules"
_ONE = _ALL + "/{schedule_id}"
# So many of the next times are told.
_NEXT = 5

routes = Routes("Schedules")


@routes.serve(
    Endpoint(
        "POST",
        _ALL,
        "Summarise again and again",
        summary_models.Schedule,
        status=201,
        body=summary_models.NewSchedule,
        errors=(InvalidRequest, NotFound),
    )
)
def create(call: Call, body: summary_models.NewSchedule) -> Json:
    """Keep a schedule over what the reader may read; each run asks again what that is."""
    request = permitted_request(call, body.summary.asked)
    expression = cron.checked(body.cron, body.timezone)
    schedule = call.store.schedules.add(
        owner=call.reader.user_id,
        name=body.name,
        cron=expression,
        timezone=body.timezone,
        request=request,
        delivery=wishes.checked(call.settings, call.store, call.reader.user_id, body.delivery.wishes()),
        catch_up=CatchUp(body.catch_up),
        next_at=cron.next_after(expression, body.timezone, datetime.now(UTC)),
    )
    return _schedule_json(call, schedule)


@routes.serve(
    Endpoint(
        "GET", _ALL, "List your schedules", summary_models.ScheduleList, query=models.Paging, errors=(InvalidRequest,)
    )
)
def index(call: Call, query: models.Paging) -> Json:
    """The reader's schedules."""
    found, cursor = one_page(
        lambda after, limit: call.store.schedules.of_owner(call.reader.user_id, after=after, limit=limit),
        query.cursor,
        query.limit,
    )
    return {"schedules": [_schedule_json(call, one) for one in found], "next_cursor": cursor}


@routes.serve(
    Endpoint(
        "POST",
        _ALL + "/preview",
        "Say when a schedule would run, without keeping it",
        summary_models.Times,
        body=summary_models.WantedTimes,
        errors=(InvalidRequest,),
    )
)
def preview(call: Call, body: summary_models.WantedTimes) -> Json:
    """The next times of an expression."""
    expression = cron.checked(body.cron, body.timezone)
    times = cron.several_after(expression, body.timezone, call.store.schedules.clock(), _NEXT)
    return {"in_words": cron.in_words(expression), "next_runs": [at.isoformat() for at in times]}


@routes.serve(Endpoint("GET", _ONE, "Show a schedule", summary_models.Schedule, errors=(NotFound,)))
def show(call: Call, schedule_id: str) -> Json:
    """Show a schedule."""
    return _schedule_json(call, permitted_schedule(call, schedule_id))


@routes.serve(
    Endpoint(
        "PATCH",
        _ONE,
        "Change, pause or resume a schedule",
        summary_models.Schedule,
        body=summary_models.ScheduleChanges,
        errors=(InvalidRequest, NotFound),
    )
)
def change(call: Call, schedule_id: str, body: summary_models.ScheduleChanges) -> Json:
    """Change what is named. What was due while it was paused is not made up for."""
    known = permitted_schedule(call, schedule_id)
    values: dict[str, object] = {}
    if body.name is not None:
        values["name"] = body.name
    if body.catch_up is not None:
        values["catch_up"] = CatchUp(body.catch_up)
    if body.summary is not None:
        values["request"] = request_json(permitted_request(call, body.summary.asked))
    if body.delivery is not None:
        wanted = body.delivery.wishes(known.delivery)
        values["delivery"] = wishes_json(wishes.checked(call.settings, call.store, known.owner, wanted))
    timezone = known.timezone if body.timezone is None else body.timezone
    expression = cron.checked(known.cron if body.cron is None else body.cron, timezone)
    paused = known.paused if body.paused is None else body.paused
    following = None if paused else cron.next_after(expression, timezone, datetime.now(UTC))
    if (expression, timezone, paused) == (known.cron, known.timezone, known.paused):
        following = known.next_at
    values |= {"cron": expression, "timezone": timezone, "paused": paused}
    return _schedule_json(call, call.store.schedules.change(known.id, next_at=following, **values))


@routes.serve(Endpoint("DELETE", _ONE, "Delete a schedule", summary_models.ScheduleReceipt, errors=(NotFound,)))
def delete(call: Call, schedule_id: str) -> Json:
    """Delete a schedule; what it has written stays."""
    call.store.schedules.delete(permitted_schedule(call, schedule_id).id)
    return {"schedule_id": schedule_id}


@routes.serve(Endpoint("POST", _ONE + "/run", "Run a schedule now", models.Job, status=202, errors=(NotFound,)))
def run(call: Call, schedule_id: str) -> Json:
    """Queue a run beside the times of the schedule."""
    run_id = call.store.schedules.run_now(permitted_schedule(call, schedule_id))
    call.front.doorbell.ring_for_summaries(run_id)
    return job_json(call.store.jobs.get(run_id))


def permitted_schedule(call: Call, schedule_id: str) -> Schedule:
    """A schedule of the reader. Raises `NotFound`."""
    schedule = call.store.schedules.get(schedule_id)
    require_owner(call.reader, schedule.owner, what="schedule")
    return schedule


def _schedule_json(call: Call, schedule: Schedule) -> Json:
    return schedule_told(call.store, schedule)
