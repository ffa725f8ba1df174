"""Deliveries of runs: which are due, who holds them, what became of them. What is delivered is decided in `workers`.

A delivery is there as soon as its run is, and waits until that has ended. A lease keeps two workers from one delivery;
one that is lost with its worker is taken again, with the same id. All times are the database's clock.
"""

from collections.abc import Iterable, Sequence
from uuid import uuid4

import sqlalchemy as sa

from core.deliveries import Channel, Delivery, DeliveryState, HeldDelivery, Wish, wishes_from, wishes_json
from core.errors import LeaseLost, NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import Row, failure, moment
from core.values import FINAL_JOB_STATES, Failure


def insert_deliveries(connection: sa.Connection, run_id: str, wishes: Iterable[Wish]) -> None:
    """Note what is wanted of a run inside the caller's transaction."""
    for wish in wishes:
        connection.execute(
            t.deliveries.insert().values(
                id=str(uuid4()),
                run_id=run_id,
                channel=wish.channel,
                wish=wishes_json([wish]),
                state=DeliveryState.WAITING,
                attempts=0,
                received=[],
                next_at=now(),
            )
        )


class Deliveries:
    """Stores and finds deliveries. Raises `LeaseLost` where somebody else holds one by now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, seconds: float) -> HeldDelivery | None:
        """Hold the one that waits longest, of a run that has ended, for so many seconds; None where there is none."""
        this, token = t.deliveries, str(uuid4())
        free = this.c.lease_until.is_(None) | (this.c.lease_until < now())
        first = (
            sa.select(this.c.id)
            .join(t.jobs, t.jobs.c.id == this.c.run_id)
            .where((this.c.state == DeliveryState.WAITING) & (this.c.next_at <= now()) & free)
            .where(t.jobs.c.state.in_(list(FINAL_JOB_STATES)))
            .order_by(this.c.next_at, this.c.id)
            .limit(1)
            .with_for_update(of=this, skip_locked=True)
        )
        with self._database.write() as connection:
            row = connection.execute(
                this.update()
                .where(this.c.id == first.scalar_subquery())
                .values(attempts=this.c.attempts + 1, lease_token=token, lease_until=now() + seconds)
                .returning(this)
            ).first()
        return HeldDelivery(_delivery(row), token) if row is not None else None

    def try_again(self, held: HeldDelivery, pause: float, error: Failure, received: Sequence[str] = ()) -> None:
        """Give it back, to be taken again after a pause in seconds."""
        self._change(held, received, error, next_at=now() + pause)

    def end(
        self, held: HeldDelivery, state: DeliveryState, error: Failure | None = None, received: Sequence[str] = ()
    ) -> None:
        """Bring it to its end."""
        delivered_at = now() if state is DeliveryState.DELIVERED else None
        self._change(held, received, error, state=state, delivered_at=delivered_at, next_at=None)

    def of_run(self, run_id: str) -> list[Delivery]:
        """All of a run."""
        return self.of_runs([run_id])

    def of_runs(self, run_ids: Sequence[str]) -> list[Delivery]:
        """All of these runs."""
        this = t.deliveries
        query = sa.select(this).where(this.c.run_id.in_(run_ids)).order_by(this.c.run_id, this.c.channel)
        with self._database.read() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def repeat(self, run_id: str, channel: Channel) -> Delivery:
        """Deliver again, from the first attempt on and to everybody. Raises `NotFound`.

        What had arrived gets another id, or it would be taken for a repeat; what waits is tried at once.
        """
        this = t.deliveries
        with self._database.write() as connection:
            known = connection.execute(
                sa.select(this).where((this.c.run_id == run_id) & (this.c.channel == channel)).with_for_update()
            ).first()
            if known is None:
                raise NotFound("Nothing of this run is delivered in this way.")
            values = {"next_at": now(), "attempts": 0}
            if known.state != DeliveryState.WAITING:
                values |= {"state": DeliveryState.WAITING, "error_code": None, "error_message": None}
            if known.state == DeliveryState.DELIVERED:
                values |= {"id": str(uuid4()), "received": [], "delivered_at": None}
            changed = this.update().where(this.c.id == known.id).values(**values).returning(this)
            return _delivery(connection.execute(changed).one())

    def _change(self, held: HeldDelivery, received: Sequence[str], error: Failure | None, **values: object) -> None:
        this = t.deliveries
        why = {"error_code": error.code if error else None, "error_message": error.message if error else None}
        known = {"received": [*held.delivery.received, *received]}
        mine = (this.c.id == held.delivery.id) & (this.c.lease_token == held.token)
        with self._database.write() as connection:
            changed = connection.execute(
                this.update().where(mine).values(lease_token=None, lease_until=None, **why, **known, **values)
            ).rowcount
        if not changed:
            raise LeaseLost("Another worker has taken over this delivery.")


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row.id,
        run_id=row.run_id,
        wish=wishes_from(row.wish)[0],
        state=DeliveryState(row.state),
        attempts=row.attempts,
        received=tuple(row.received),
        next_at=moment(row.next_at) if row.next_at is not None else None,
        delivered_at=moment(row.delivered_at) if row.delivered_at is not None else None,
        error=failure(row.error_code, row.error_message),
    )
