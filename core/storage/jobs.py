"""Jobs: who works on what, proved by leases. A message in the broker is only a doorbell; the row here is the truth.

All times are the database's clock, so workers on several machines agree.
"""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import sqlalchemy as sa

from core.errors import LeaseLost, NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.ending import end_version
from core.storage.rows import job
from core.values import FINAL_JOB_STATES, DocumentStatus, Failure, Job, JobState, Lease, Progress

# The jobs that read a document: for the first time, and again. What is new goes first.
INGEST = "ingest"
REPROCESS = "reprocess"
READING = (INGEST, REPROCESS)
# SQLite allows 32,766 bound values in one statement.
_IDS_AT_ONCE = 5_000
# A version that is ready is being read again.
_UNENDED = (DocumentStatus.QUEUED, DocumentStatus.PROCESSING, DocumentStatus.READY)
_LOST = Failure("worker_lost", "The worker that read this stopped without a word several times. Try again later.")


def job_values(
    job_id: str, kind: str, target: str, collection_id: str | None, created_by: str | None
) -> dict[str, object]:
    """What a queued job has in its row, but for its time."""
    return {
        "id": job_id,
        "kind": kind,
        "target": target,
        "state": JobState.QUEUED,
        "attempts": 0,
        "stage": "queued",
        "done": 0,
        "total": 0,
        "collection_id": collection_id,
        "created_by": created_by,
    }


def insert_job(
    connection: sa.Connection,
    kind: str,
    target: str,
    collection_id: str | None,
    created_by: str | None,
    *,
    job_id: str = "",
) -> str:
    """Queue a job inside the caller's transaction; its id, a new one unless it is given."""
    job_id = job_id or str(uuid4())
    values = job_values(job_id, kind, target, collection_id, created_by)
    connection.execute(t.jobs.insert().values(**values, created_at=now()))
    return job_id


def prove_lease(connection: sa.Connection, lease: Lease) -> None:
    """Raise `LeaseLost` unless the worker still holds its job; locks the job's row until the transaction ends."""
    held = connection.execute(t.jobs.update().where(_held(lease)).values(lease_until=now() + lease.seconds)).rowcount
    if held != 1:
        raise LeaseLost("Another worker has taken over this job, or it was cancelled.")


def cancel_jobs(connection: sa.Connection, targets: Sequence[str]) -> None:
    """End the open jobs that work on these."""
    open_jobs = t.jobs.c.target.in_(targets) & t.jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING])
    connection.execute(
        t.jobs.update()
        .where(open_jobs)
        .values(state=JobState.CANCELLED, lease_token=None, lease_until=None, finished_at=now())
    )


def end_job(
    connection: sa.Connection,
    job_id: str,
    state: JobState,
    *,
    result: Mapping[str, object] | None = None,
    error: Failure | None = None,
) -> None:
    """Bring a job to a final state inside the caller's transaction."""
    connection.execute(
        t.jobs.update()
        .where(t.jobs.c.id == job_id)
        .values(
            state=state,
            lease_token=None,
            lease_until=None,
            result=dict(result) if result is not None else None,
            error_code=error.code if error else None,
            error_message=error.message if error else None,
            finished_at=now(),
        )
    )


def _held(lease: Lease) -> sa.ColumnElement[bool]:
    return (t.jobs.c.id == lease.job.id) & (t.jobs.c.lease_token == lease.token) & (t.jobs.c.state == JobState.RUNNING)


def _takeable(max_attempts: int) -> sa.ColumnElement[bool]:
    expired = (t.jobs.c.state == JobState.RUNNING) & (t.jobs.c.lease_until < now())
    return ((t.jobs.c.state == JobState.QUEUED) | expired) & (t.jobs.c.attempts < max_attempts)


def _of(kinds: str | Sequence[str]) -> sa.ColumnElement[bool]:
    return t.jobs.c.kind == kinds if isinstance(kinds, str) else t.jobs.c.kind.in_(kinds)


def _in_turn(kinds: str | Sequence[str]) -> list[sa.ColumnElement[object]]:
    if isinstance(kinds, str):
        return [t.jobs.c.created_at]
    return [sa.case({kind: turn for turn, kind in enumerate(kinds)}, value=t.jobs.c.kind), t.jobs.c.created_at]


class Jobs:
    """Leases and outcomes of jobs."""

    def __init__(self, database: Database, lease_seconds: float, max_attempts: int) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._max_attempts = max_attempts

    def get(self, job_id: str) -> Job:
        """The job with this id. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(t.jobs).where(t.jobs.c.id == job_id)).first()
        if row is None:
            raise NotFound("There is no such job, or you have no access to it.")
        return job(row)

    def several(self, job_ids: Sequence[str]) -> list[Job]:
        """The jobs with these ids, in no particular order; ids that do not exist are left out."""
        found: list[Job] = []
        with self._database.read() as connection:
            for start in range(0, len(job_ids), _IDS_AT_ONCE):
                some = list(job_ids[start : start + _IDS_AT_ONCE])
                found += [job(row) for row in connection.execute(sa.select(t.jobs).where(t.jobs.c.id.in_(some)))]
        return found

    def lease(self, kinds: str | Sequence[str], job_id: str | None = None) -> Lease | None:
        """Take the named job, or of the first of these kinds with any the longest waiting one; None without any."""
        wanted = _takeable(self._max_attempts) & _of(kinds)
        if job_id is not None:
            wanted &= t.jobs.c.id == job_id
        first = sa.select(t.jobs.c.id).where(wanted).order_by(*_in_turn(kinds)).limit(1)
        token = str(uuid4())
        with self._database.write() as connection:
            row = connection.execute(
                t.jobs.update()
                .where(t.jobs.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
                .values(
                    state=JobState.RUNNING,
                    attempts=t.jobs.c.attempts + 1,
                    lease_token=token,
                    lease_until=now() + self._lease_seconds,
                    seconds_left=None,
                )
                .returning(t.jobs)
            ).first()
        return Lease(job(row), token, self._lease_seconds) if row is not None else None

    def heartbeat(self, lease: Lease, progress: Progress) -> None:
        """Keep the lease and show progress. Raises `LeaseLost`."""
        with self._database.write() as connection:
            prove_lease(connection, lease)
            connection.execute(
                t.jobs.update()
                .where(_held(lease))
                .values(
                    stage=progress.stage,
                    done=progress.done,
                    total=progress.total,
                    seconds_left=progress.seconds_left,
                )
            )

    def release(self, lease: Lease, *, forgive: bool = False) -> None:
        """Give the job back to the queue, to be tried again; `forgive` when the attempt should not count."""
        with self._database.write() as connection:
            connection.execute(
                t.jobs.update()
                .where(_held(lease))
                .values(
                    state=JobState.QUEUED,
                    lease_token=None,
                    lease_until=None,
                    attempts=t.jobs.c.attempts - (1 if forgive else 0),
                )
            )

    def may_try_again(self, lease: Lease) -> bool:
        """Whether another attempt is left after this one."""
        return lease.job.attempts < self._max_attempts

    def end(
        self,
        lease: Lease,
        state: JobState,
        *,
        result: Mapping[str, object] | None = None,
        error: Failure | None = None,
    ) -> None:
        """Bring a held job to a final state. Raises `LeaseLost`."""
        with self._database.write() as connection:
            prove_lease(connection, lease)
            end_job(connection, lease.job.id, state, result=result, error=error)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job that has not ended; one that has is returned as it is."""
        with self._database.write() as connection:
            still_open = (t.jobs.c.id == job_id) & t.jobs.c.state.not_in(list(FINAL_JOB_STATES))
            cancelled = connection.execute(
                t.jobs.update()
                .where(still_open)
                .values(state=JobState.CANCELLED, lease_token=None, lease_until=None, finished_at=now())
            ).rowcount
            if cancelled:
                _fail_version(connection, job_id, Failure("cancelled", "Reading was cancelled."))
        return self.get(job_id)

    def waiting(self, kinds: str | Sequence[str], limit: int = 100) -> list[str]:
        """Ids of jobs that a worker could take now, in their turn: queued ones and those whose lease ran out."""
        query = (
            sa.select(t.jobs.c.id)
            .where(_takeable(self._max_attempts) & _of(kinds))
            .order_by(*_in_turn(kinds))
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def fail_exhausted(self) -> int:
        """End jobs whose last attempt was lost, with the version they were about; how many."""
        spent = (
            (t.jobs.c.state.in_([JobState.RUNNING, JobState.QUEUED]))
            & (t.jobs.c.attempts >= self._max_attempts)
            & (t.jobs.c.lease_until.is_(None) | (t.jobs.c.lease_until < now()))
        )
        with self._database.write() as connection:
            ids = list(connection.execute(sa.select(t.jobs.c.id).where(spent).with_for_update()).scalars())
            for job_id in ids:
                end_job(connection, job_id, JobState.FAILED, error=_LOST)
                _fail_version(connection, job_id, _LOST)
        return len(ids)

    def forget(self, older_seconds: float) -> int:
        """Delete jobs that ended so long ago about something that has since been deleted; how many."""
        gone = ~sa.exists().where(t.versions.c.id == t.jobs.c.target)
        gone &= ~sa.exists().where(t.summary_runs.c.id == t.jobs.c.target)
        old = t.jobs.c.state.in_(list(FINAL_JOB_STATES)) & (t.jobs.c.finished_at < now() - older_seconds)
        with self._database.write() as connection:
            return connection.execute(t.jobs.delete().where(old & gone)).rowcount


def _fail_version(connection: sa.Connection, job_id: str, error: Failure) -> None:
    end_version(connection, (t.versions.c.job_id == job_id) & t.versions.c.status.in_(_UNENDED), error)
