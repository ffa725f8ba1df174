"""Jobs over REST."""

from core.access import Action, require, require_owner
from core.errors import Forbidden, NotFound
from core.storage.summaries import SUMMARISE
from core.values import Job
from core.wire import Json, job_json
from web import models
from web.api import Call, Endpoint, Routes
from web.views.summaries import told
from workers.delivery.telling import delivery_told

_ONE = "/api/v1/jobs/{job_id}"

routes = Routes("Jobs")


@routes.serve(Endpoint("GET", _ONE, "Show a job", models.Job, errors=(NotFound,)))
def show(call: Call, job_id: str) -> Json:
    """Show a job; one of summaries with what it says."""
    job = _permitted(call, job_id, Action.READ)
    body = job_json(job)
    if job.kind == SUMMARISE and body["result"] is not None:
        said = told(call, call.store.summaries.get(job.target))
        sent = [delivery_told(one) for one in call.store.deliveries.of_run(job.target)]
        body["result"] |= {**(said["summary"] or {}), "changes": said["changes"], "deliveries": sent}
    return body


@routes.serve(
    Endpoint("POST", _ONE + "/cancel", "Cancel a job that has not ended", models.Job, errors=(Forbidden, NotFound))
)
def cancel(call: Call, job_id: str) -> Json:
    """Cancel a job; one that has ended stays as it is."""
    _permitted(call, job_id, Action.WRITE)
    return job_json(call.store.jobs.cancel(job_id))


def _permitted(call: Call, job_id: str, action: Action) -> Job:
    job = call.store.jobs.get(job_id)
    if job.collection_id is not None:
        require(call.reader, action, job.collection_id, what="job")
    else:
        require_owner(call.reader, job.created_by, what="job")
    return job
