"""Runs of summaries and their documents. What is written into them is decided in `workers` and `llm`.

A run is worked by the job that has its id, and everything written into it shows that job's lease.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from core.deliveries import Wish
from core.errors import NotFound
from core.filters import Filter
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.deliveries import insert_deliveries
from core.storage.filtering import holds
from core.storage.jobs import end_job, insert_job, prove_lease
from core.storage.rows import Row, failure, moment
from core.storage.templates import with_own
from core.summaries import (
    Difference,
    ItemState,
    Summary,
    SummaryItem,
    SummaryRequest,
    SummaryRun,
    difference_from,
    request_from,
    request_json,
    summary_from,
)
from core.values import Failure, JobState, Lease

SUMMARISE = "summarise"
_MISSING = "There is no such summary, or you have no access to it."
# What runs say can be long.
_SAID = ("result", "changes")
_HEADS = sa.select(
    *(sa.null().label(column.name) if column.name in _SAID else column for column in t.summary_runs.columns)
)


def insert_run(  # noqa: PLR0913 - a run has so many parts
    connection: sa.Connection,
    request: SummaryRequest,
    *,
    owner: str | None,
    title: str,
    schedule_id: str | None = None,
    due_at: float | None = None,
    delivery: Collection[Wish] = (),
) -> str:
    """Queue a run with its job inside the caller's transaction; the id of both."""
    run_id = str(uuid4())
    request = replace(request, options=with_own(connection, request.options, owner))
    insert_job(connection, SUMMARISE, run_id, None, owner, job_id=run_id)
    values = {"schedule_id": schedule_id, "due_at": due_at, "created_at": now()}
    connection.execute(
        t.summary_runs.insert().values(id=run_id, owner=owner, title=title, request=request_json(request), **values)
    )
    _insert_items(connection, run_id, _left(connection, request.document_ids))
    insert_deliveries(connection, run_id, delivery)
    return run_id


def withdraw_results(connection: sa.Connection, document_id: str) -> None:
    """Forget what runs say of a document that has just been deleted, alone and in sum; that it was there is kept.

    Call it after the deletion: `finish` locks the document first as well.
    """
    concerned = sa.select(t.summary_items.c.run_id).where(t.summary_items.c.document_id == document_id)
    connection.execute(
        t.summary_runs.update().where(t.summary_runs.c.id.in_(concerned)).values(result=sa.null(), changes=sa.null())
    )
    connection.execute(
        t.summary_items.update()
        .where(t.summary_items.c.document_id == document_id)
        .values(state=ItemState.GONE, version_id=None, summary=sa.null(), error_code=None, error_message=None)
    )


class Summaries:
    """Stores and finds runs. Raises `LeaseLost` where a write shows a lease that is held no more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self, request: SummaryRequest, *, owner: str | None, title: str = "", delivery: Collection[Wish] = ()
    ) -> str:
        """Queue a run; its id, which is that of its job too."""
        with self._database.write() as connection:
            return insert_run(connection, request, owner=owner, title=title, delivery=delivery)

    def delete(self, run_id: str) -> None:
        """Remove a run with what it says, its deliveries and its job. Raises `NotFound`.

        Whoever works or delivers it loses the lease with it, so that nothing is written any more.
        """
        with self._database.write() as connection:
            # The job first, as whoever holds its lease does.
            connection.execute(t.jobs.delete().where((t.jobs.c.id == run_id) & (t.jobs.c.kind == SUMMARISE)))
            if not connection.execute(t.summary_runs.delete().where(t.summary_runs.c.id == run_id)).rowcount:
                raise NotFound(_MISSING)

    def get(self, run_id: str) -> SummaryRun:
        """A run. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(t.summary_runs).where(t.summary_runs.c.id == run_id)).first()
        if row is None:
            raise NotFound(_MISSING)
        return _run(row)

    def of_owner(
        self, owner: str | None, *, schedule_id: str | None = None, after: str = "", limit: int = 50
    ) -> list[SummaryRun]:
        """A person's runs, or those of a schedule among them, the latest first and without what they say.

        `after` is the last id of the page before. Without an owner, all runs.
        """
        runs = t.summary_runs
        query = _HEADS.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        if schedule_id is not None:
            query = query.where(runs.c.schedule_id == schedule_id)
        if after:
            last = sa.select(runs.c.created_at).where(runs.c.id == after).scalar_subquery()
            query = query.where((runs.c.created_at < last) | ((runs.c.created_at == last) & (runs.c.id < after)))
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def scheduled(self, owner: str | None, since: datetime, until: datetime, *, limit: int) -> list[SummaryRun]:
        """A person's runs of schedules that were queued in this time, the latest first and without what they say."""
        runs = t.summary_runs
        here = runs.c.created_at.between(since.timestamp(), until.timestamp())
        query = _HEADS.where((runs.c.owner == owner) & runs.c.schedule_id.is_not(None) & here)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query.order_by(runs.c.created_at.desc()).limit(limit))]

    def items(self, run_id: str, *, after: str = "", limit: int | None = None) -> list[SummaryItem]:
        """The documents of a run in their order, after the document named; those deleted since are missing."""
        items = t.summary_items
        here = (items.c.run_id == run_id) & (items.c.state != ItemState.GONE)
        query = sa.select(items).where(here).order_by(items.c.place).limit(limit)
        if after:
            last = sa.select(items.c.place).where(_one(run_id, after)).scalar_subquery()
            query = query.where(items.c.place > last)
        with self._database.read() as connection:
            return [_item(row) for row in connection.execute(query)]

    def deleted_since(self, run_id: str) -> list[str]:
        """The ids of documents of a run that have been deleted."""
        items = t.summary_items
        query = sa.select(items.c.document_id).where((items.c.run_id == run_id) & (items.c.state == ItemState.GONE))
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(items.c.place)).scalars())

    def before(self, run: SummaryRun) -> SummaryRun | None:
        """The last run of the same schedule before this one that has ended well, if there is one."""
        if run.schedule_id is None:
            return None
        runs = t.summary_runs
        query = (
            sa.select(runs)
            .join(t.jobs, t.jobs.c.id == runs.c.id)
            .where((runs.c.schedule_id == run.schedule_id) & (t.jobs.c.state == JobState.DONE) & (runs.c.id != run.id))
            .where(runs.c.created_at <= run.created_at.timestamp())
            .order_by(runs.c.created_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _run(row) if row is not None else None

    def passages(self, run_id: str) -> dict[str, int]:
        """How many passages each document of a run has, in the version that answers; 0 where none does."""
        items, documents, versions = t.summary_items, t.documents, t.versions
        query = (
            sa.select(items.c.document_id, sa.func.coalesce(versions.c.passages, 0).label("passages"))
            .outerjoin(documents, documents.c.id == items.c.document_id)
            .outerjoin(versions, versions.c.id == documents.c.current_version_id)
            .where(items.c.run_id == run_id)
        )
        with self._database.read() as connection:
            return {row.document_id: row.passages for row in connection.execute(query)}

    def documents_in(self, within: Filter) -> list[str]:
        """The ids of the documents that a run over these would take, in its order."""
        with self._database.read() as connection:
            return list(connection.execute(_documents_in(within)).scalars())

    def fill(self, lease: Lease, run_id: str, within: Filter) -> None:
        """Take the documents that are within the filter now, in the order of their paths, unless some are taken."""
        with self._database.write() as connection:
            prove_lease(connection, lease)
            known = sa.select(t.summary_items.c.document_id).where(t.summary_items.c.run_id == run_id).limit(1)
            if connection.execute(known).first() is None:
                ids = connection.execute(_documents_in(within)).scalars().all()
                _insert_items(connection, run_id, ids)

    def begin(self, lease: Lease, run_id: str, document_id: str) -> None:
        """Count an attempt at a document; the job's own count starts anew, since the item may be at fault."""
        with self._database.write() as connection:
            prove_lease(connection, lease)
            attempts = t.summary_items.c.attempts + 1
            _change_item(connection, run_id, document_id, state=ItemState.RUNNING, attempts=attempts)
            connection.execute(t.jobs.update().where(t.jobs.c.id == lease.job.id).values(attempts=1))

    def finish(
        self, lease: Lease, run_id: str, document_id: str, version_id: str, summary: Summary, *, reused: bool = False
    ) -> None:
        """Keep the summary of a document, which may be read from now on; nothing of one that has been deleted."""
        stored = {"version_id": version_id, "summary": _stored(summary), "reused": reused}
        with self._database.write() as connection:
            prove_lease(connection, lease)
            # A deletion either waits for this and takes the summary away, or is waited for here.
            there = sa.select(t.documents.c.id).where(t.documents.c.id == document_id)
            if connection.execute(there.with_for_update(read=True, key_share=True)).first() is not None:
                _change_item(connection, run_id, document_id, state=ItemState.DONE, **stored)
            else:
                _change_item(connection, run_id, document_id, state=ItemState.GONE)

    def fail(self, lease: Lease, run_id: str, document_id: str, error: Failure) -> None:
        """Note why a document has no summary."""
        why = {"error_code": error.code, "error_message": error.message}
        with self._database.write() as connection:
            prove_lease(connection, lease)
            _change_item(connection, run_id, document_id, state=ItemState.FAILED, **why)

    def end(
        self,
        lease: Lease,
        run_id: str,
        result: Summary | None,
        changes: Sequence[Difference] | None,
        told: Mapping[str, Any],
        document_ids: Sequence[str],
    ) -> None:
        """End a run with the summary of these documents, and its job with it, of which `told` is the result:
        how many `documents` there were, and what became of them.

        Where one of the documents has been deleted meanwhile, only that it has ended is kept.
        """
        runs, items = t.summary_runs, t.summary_items
        with self._database.write() as connection:
            prove_lease(connection, lease)
            # Whoever deletes a document changes the run's row first, so that one of the two sees the other.
            connection.execute(sa.select(runs.c.id).where(runs.c.id == run_id).with_for_update())
            left = sa.select(items.c.document_id).where((items.c.run_id == run_id) & (items.c.state != ItemState.GONE))
            if set(document_ids) <= set(connection.execute(left).scalars()):
                connection.execute(
                    runs.update()
                    .where(runs.c.id == run_id)
                    .values(
                        result=_stored(result) if result is not None else sa.null(),
                        changes=_plain([asdict(one) for one in changes]) if changes is not None else sa.null(),
                    )
                )
            counted = {"done": told["documents"], "total": told["documents"]}
            connection.execute(t.jobs.update().where(t.jobs.c.id == lease.job.id).values(**counted))
            end_job(connection, lease.job.id, JobState.DONE, result=told)


def _change_item(connection: sa.Connection, run_id: str, document_id: str, **values: object) -> None:
    this = _one(run_id, document_id) & (t.summary_items.c.state != ItemState.GONE)
    connection.execute(t.summary_items.update().where(this).values(**values))


def _documents_in(within: Filter) -> sa.Select[Any]:
    # What has not been read yet is taken too, and said to be so, unless something is asked of what it is like.
    version = t.documents.outerjoin(t.versions, t.versions.c.id == t.documents.c.current_version_id)
    found = sa.select(t.documents.c.id).select_from(version).where(*holds(within))
    return found.order_by(t.documents.c.path, t.documents.c.id)


def _left(connection: sa.Connection, document_ids: Sequence[str]) -> list[str]:
    """Those that have not been deleted: a schedule may outlive them."""
    query = sa.select(t.documents.c.id).where(t.documents.c.id.in_(document_ids))
    there = set(connection.execute(query).scalars())
    return [one for one in document_ids if one in there]


def _insert_items(connection: sa.Connection, run_id: str, document_ids: Sequence[str]) -> None:
    rows = [
        {
            "run_id": run_id,
            "document_id": document_id,
            "place": place,
            "state": ItemState.QUEUED,
            "attempts": 0,
            "reused": False,
        }
        for place, document_id in enumerate(dict.fromkeys(document_ids))
    ]
    if rows:
        connection.execute(t.summary_items.insert(), rows)


def _one(run_id: str, document_id: str) -> sa.ColumnElement[bool]:
    return (t.summary_items.c.run_id == run_id) & (t.summary_items.c.document_id == document_id)


def _stored(summary: Summary) -> Any:
    return _plain(asdict(summary))


def _plain(value: object) -> Any:
    """What JSON makes of it: tuples become lists, and enumerations their values."""
    return json.loads(json.dumps(value))


def _run(row: Row) -> SummaryRun:
    return SummaryRun(
        id=row.id,
        owner=row.owner,
        request=request_from(row.request),
        created_at=moment(row.created_at),
        title=row.title,
        schedule_id=row.schedule_id,
        due_at=moment(row.due_at) if row.due_at is not None else None,
        result=summary_from(row.result) if row.result is not None else None,
        changes=tuple(map(difference_from, row.changes)) if row.changes is not None else None,
    )


def _item(row: Row) -> SummaryItem:
    return SummaryItem(
        document_id=row.document_id,
        state=ItemState(row.state),
        attempts=row.attempts,
        version_id=row.version_id,
        summary=summary_from(row.summary) if row.summary is not None else None,
        reused=row.reused,
        error=failure(row.error_code, row.error_message),
    )
