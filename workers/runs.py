"""Runs of summaries as people are told them, over REST and on the command line, without what they say."""

from collections.abc import Sequence

from core.storage.store import Store
from core.summaries import SummaryRun
from core.values import Job
from core.wire import Json, job_json
from workers.delivery.telling import delivery_told


def run_told(run: SummaryRun, job: Job, deliveries: Sequence[Json] = ()) -> Json:
    """A run as far as its job is, and how far its deliveries are."""
    state: Json = job_json(job)
    return {
        "id": run.id,
        "title": run.title,
        **{name: state[name] for name in ("state", "progress", "error")},
        "created_at": run.created_at.isoformat(),
        "schedule_id": run.schedule_id,
        "due_at": run.due_at.isoformat() if run.due_at is not None else None,
        "summary": None,
        "changes": None,
        "deliveries": list(deliveries),
    }


def runs_told(store: Store, runs: Sequence[SummaryRun]) -> list[Json]:
    """Runs in the same order; one that has been deleted meanwhile is left out."""
    sent: dict[str, list[Json]] = {run.id: [] for run in runs}
    for delivery in store.deliveries.of_runs(list(sent)):
        sent[delivery.run_id].append(delivery_told(delivery))
    jobs = {job.id: job for job in store.jobs.several(list(sent))}
    return [run_told(run, jobs[run.id], sent[run.id]) for run in runs if run.id in jobs]
