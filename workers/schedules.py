"""Schedules as people are told them, over REST and on the command line."""

from dataclasses import asdict

from core.filters import filter_json
from core.storage.store import Store
from core.summaries import Schedule, SummaryRequest
from core.wire import Json
from workers import cron
from workers.delivery.telling import delivery_told, wishes_told

# So many of the next times are told.
_NEXT = 5


def schedule_told(store: Store, schedule: Schedule) -> Json:
    """A schedule with its next times and its last run."""
    times = (
        [schedule.next_at, *cron.several_after(schedule.cron, schedule.timezone, schedule.next_at, _NEXT - 1)]
        if (schedule.next_at is not None)
        else []
    )
    return {
        "id": schedule.id,
        "name": schedule.name,
        "cron": schedule.cron,
        "in_words": cron.in_words(schedule.cron),
        "timezone": schedule.timezone,
        "summary": _wish_told(schedule.request),
        "delivery": wishes_told(schedule.delivery),
        "catch_up": schedule.catch_up.value,
        "paused": schedule.paused,
        "next_run": times[0].isoformat() if times else None,
        "next_runs": [at.isoformat() for at in times],
        "last_run": _last_run_told(store, schedule),
        "created_at": schedule.created_at.isoformat(),
    }


def _last_run_told(store: Store, schedule: Schedule) -> Json | None:
    last = store.schedules.last_run(schedule.id)
    if last is None:
        return None
    job, finished_at = last
    return {
        "id": job.id,
        "job_id": job.id,
        "state": job.state.value,
        "finished_at": finished_at.isoformat(),
        "deliveries": [delivery_told(one) for one in store.deliveries.of_run(job.id)],
    }


def _wish_told(request: SummaryRequest) -> Json:
    wish = {
        "collection": request.collection_id,
        "documents": list(request.document_ids) or None,
        "filters": filter_json(request.within) if request.within is not None else None,
    }
    # What an own template says is told where templates are.
    return {**wish, **{name: value for name, value in asdict(request.options).items() if name != "own"}}
