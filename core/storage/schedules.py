"""Schedules of summaries, and the one transaction in which a time that has come becomes a run."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from core.deliveries import Wish, wishes_from, wishes_json
from core.errors import NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import Row, job, moment
from core.storage.summaries import insert_run
from core.summaries import CatchUp, Schedule, SummaryRequest, request_from, request_json
from core.values import FINAL_JOB_STATES, Job

_MISSING = "There is no such schedule, or you have no access to it."


class Schedules:
    """Stores and finds schedules. When they are due is computed in `workers.cron`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(  # noqa: PLR0913 - a schedule has so many parts
        self,
        *,
        owner: str | None,
        name: str,
        cron: str,
        timezone: str,
        request: SummaryRequest,
        delivery: Collection[Wish],
        catch_up: CatchUp,
        next_at: datetime | None,
    ) -> Schedule:
        """Keep a new schedule."""
        schedule_id = str(uuid4())
        with self._database.write() as connection:
            connection.execute(
                t.schedules.insert().values(
                    id=schedule_id,
                    owner=owner,
                    name=name,
                    cron=cron,
                    timezone=timezone,
                    request=request_json(request),
                    delivery=wishes_json(delivery),
                    catch_up=catch_up,
                    paused=False,
                    next_at=_seconds(next_at),
                    created_at=now(),
                )
            )
        return self.get(schedule_id)

    def get(self, schedule_id: str) -> Schedule:
        """A schedule. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(t.schedules).where(t.schedules.c.id == schedule_id)).first()
        if row is None:
            raise NotFound(_MISSING)
        return _schedule(row)

    def of_owner(self, owner: str | None, *, after: str = "", limit: int = 50) -> list[Schedule]:
        """A person's schedules by id, after the one named; without an owner, all."""
        query = sa.select(t.schedules).where(t.schedules.c.id > after).order_by(t.schedules.c.id).limit(limit)
        if owner is not None:
            query = query.where(t.schedules.c.owner == owner)
        with self._database.read() as connection:
            return [_schedule(row) for row in connection.execute(query)]

    def change(self, schedule_id: str, *, next_at: datetime | None, **values: object) -> Schedule:
        """Change columns, and with them when it is due next. Raises `NotFound`."""
        with self._database.write() as connection:
            changed = connection.execute(
                t.schedules.update().where(t.schedules.c.id == schedule_id).values(next_at=_seconds(next_at), **values)
            ).rowcount
        if not changed:
            raise NotFound(_MISSING)
        return self.get(schedule_id)

    def delete(self, schedule_id: str) -> None:
        """Remove a schedule; its runs stay. Raises `NotFound`."""
        with self._database.write() as connection:
            if not connection.execute(t.schedules.delete().where(t.schedules.c.id == schedule_id)).rowcount:
                raise NotFound(_MISSING)

    def clock(self) -> datetime:
        """What time it is for the database, the same for all machines that look."""
        with self._database.read() as connection:
            return moment(connection.execute(sa.select(now())).scalar_one())

    def due(self, at: datetime) -> list[Schedule]:
        """Those whose time has come."""
        condition = ~t.schedules.c.paused & (t.schedules.c.next_at <= at.timestamp())
        with self._database.read() as connection:
            rows = connection.execute(sa.select(t.schedules).where(condition).order_by(t.schedules.c.next_at))
            return [_schedule(row) for row in rows]

    def fire(self, schedule: Schedule, times: Sequence[datetime], next_at: datetime | None) -> list[str]:
        """Queue a run for each of these times and set the next one; the runs' ids.

        Nothing happens where somebody else has done so or changed the schedule since it was read, and no run for a time
        that has one.
        """
        this, runs = t.schedules, t.summary_runs
        seen = (this.c.id == schedule.id) & (this.c.next_at == _seconds(schedule.next_at)) & ~this.c.paused
        with self._database.write() as connection:
            if not connection.execute(this.update().where(seen).values(next_at=_seconds(next_at))).rowcount:
                return []
            known = set(
                connection.execute(
                    sa.select(runs.c.due_at).where(
                        (runs.c.schedule_id == schedule.id) & runs.c.due_at.in_([at.timestamp() for at in times])
                    )
                ).scalars()
            )
            return [
                insert_run(
                    connection,
                    schedule.request,
                    owner=schedule.owner,
                    title=schedule.name,
                    schedule_id=schedule.id,
                    due_at=at.timestamp(),
                    delivery=schedule.delivery,
                )
                for at in times
                if at.timestamp() not in known
            ]

    def run_now(self, schedule: Schedule) -> str:
        """Queue a run beside the times of the schedule; its id."""
        with self._database.write() as connection:
            return insert_run(
                connection,
                schedule.request,
                owner=schedule.owner,
                title=schedule.name,
                schedule_id=schedule.id,
                delivery=schedule.delivery,
            )

    def last_run(self, schedule_id: str) -> tuple[Job, datetime] | None:
        """The job of the last run that has ended, and when it did."""
        query = (
            sa.select(t.jobs)
            .join(t.summary_runs, t.summary_runs.c.id == t.jobs.c.id)
            .where((t.summary_runs.c.schedule_id == schedule_id) & t.jobs.c.state.in_(list(FINAL_JOB_STATES)))
            .order_by(t.jobs.c.finished_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return (job(row), moment(row.finished_at)) if row is not None else None


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None


def _schedule(row: Row) -> Schedule:
    return Schedule(
        id=row.id,
        owner=row.owner,
        name=row.name,
        cron=row.cron,
        timezone=row.timezone,
        request=request_from(row.request),
        delivery=wishes_from(row.delivery),
        catch_up=CatchUp(row.catch_up),
        paused=row.paused,
        next_at=moment(row.next_at) if row.next_at is not None else None,
        created_at=moment(row.created_at),
    )
