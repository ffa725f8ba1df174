"""What moderation decided: an append-only log whose rows carry each other's hashes, so that a change shows.

A chain without a secret shows changes of rows to whoever noted a later hash elsewhere; it does not hold off somebody
who rewrites the whole table. When and what is appended is decided in `llm.moderation`.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.chain import BEGINNING, FORM, Decided, Entry, Proof, Seal, chained, sealed, values
from core.storage.database import Database
from core.storage.rows import Row

# The point of a row that stands for older ones which were removed.
CHECKPOINT = "checkpoint"
# The part of `detail` that names the documents which an excerpt came from.
SOURCES = "documents"
_COUNTER = "decisions"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Chain:
    """What a check of the log found: how many rows, how many of them without their excerpts, the hash of the last, and
    what is wrong; empty when nothing is."""

    rows: int
    removed: int
    erased: int
    head: str
    trouble: str


class Decisions:
    """Appends, reads and checks the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entries: Sequence[Entry]) -> int:
        """Store decisions in this order, in one transaction; the number of the last, 0 for none."""
        if not entries:
            return 0
        with self._database.write() as connection:
            return append_decisions(connection, entries)

    def page(
        self,
        *,
        before: int | None = None,
        limit: int = 100,
        point: str | None = None,
        category: str | None = None,
        action: str | None = None,
    ) -> list[Decided]:
        """The newest decisions first; `before` is the number of the last one of the page before."""
        query = sa.select(t.decisions).order_by(t.decisions.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(t.decisions.c.number < before)
        for column, wanted in (("point", point), ("category", category), ("action", action)):
            if wanted is not None:
                query = query.where(t.decisions.c[column] == wanted)
        with self._database.read() as connection:
            return [decided(row) for row in connection.execute(query)]

    def all(self) -> Iterator[Decided]:
        """Every decision, the oldest first, read in portions that let writers in between."""
        last = 0
        while rows := self._after(last):
            yield from map(decided, rows)
            last = rows[-1].number

    def counts(self, since: float = 0.0) -> list[tuple[str, str, str, int]]:
        """How many decisions there were from `since` on, by point, category and action."""
        by = (t.decisions.c.point, t.decisions.c.category, t.decisions.c.action)
        query = sa.select(*by, sa.func.count()).where(t.decisions.c.at >= since).group_by(*by).order_by(*by)
        with self._database.read() as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]

    def verify(self) -> Chain:
        """Compute every hash again. A row that was changed, taken out, put in or moved is named in `trouble`."""
        with self._database.read() as connection:
            newest = connection.execute(
                sa.select(t.decisions).where(t.decisions.c.point == CHECKPOINT).order_by(t.decisions.c.number.desc())
            ).first()
            known = _last_number(connection)
        removed, previous = _start(decided(newest).entry.detail if newest is not None else {})
        proof = Proof(removed, previous)
        trouble = next(filter(None, map(proof.follow, self.all())), "")
        # Rows that came since the look at the counter are fine.
        if not trouble and proof.number < known:
            trouble = f"Decision {proof.number + 1} and those after it are gone."
        return Chain(proof.number - removed, removed, proof.erased, proof.head, trouble or proof.end())

    def forget(self, older_than: float) -> int:
        """Remove the decisions of before this time; how many. A checkpoint keeps the rest of the chain verifiable.

        Only a first part of the chain goes: a row behind a younger one stays until that one goes as well.
        """
        young = sa.select(sa.func.min(t.decisions.c.number)).where(t.decisions.c.at >= older_than).scalar_subquery()
        with self._database.write() as connection:
            # Nothing is appended meanwhile, so that the checkpoint follows the last row there is.
            newest = _last_number(connection, lock=True)
            kept: int = connection.execute(sa.select(sa.func.coalesce(young, newest + 1))).scalar_one()
            gone = t.decisions.c.number < kept
            last = connection.execute(
                sa.select(t.decisions.c.number, t.decisions.c.hash)
                .where(gone)
                .order_by(t.decisions.c.number.desc())
                .limit(1)
            ).first()
            if last is None:
                return 0
            append_decisions(connection, [_checkpoint(last.number, last.hash)])
            return connection.execute(t.decisions.delete().where(gone)).rowcount

    def _after(self, number: int) -> Sequence[Row]:
        query = sa.select(t.decisions).where(t.decisions.c.number > number).order_by(t.decisions.c.number)
        with self._database.read() as connection:
            return connection.execute(query.limit(_AT_ONCE)).all()


def append_decisions(connection: sa.Connection, entries: Sequence[Entry]) -> int:
    """Append inside the caller's transaction; the number of the last, 0 for none."""
    if not entries:
        return 0
    entries = _without_deleted(connection, entries)
    counter = t.counters.c
    # Locks the counter until commit: whoever else appends waits, and finds our last row.
    last: int = connection.execute(
        t.counters.update().where(counter.name == _COUNTER).values(n=counter.n + len(entries)).returning(counter.n)
    ).scalar_one()
    newest = sa.select(t.decisions.c.hash).order_by(t.decisions.c.number.desc()).limit(1)
    previous = connection.execute(newest).scalar_one_or_none() or BEGINNING
    rows = []
    for number, entry in enumerate(entries, last - len(entries) + 1):
        seal = sealed(entry.excerpt)
        own = chained(previous, number, entry, seal)
        link = {"form": FORM, "excerpt_sha256": seal.sha256, "excerpt_salt": seal.salt, "previous": previous}
        rows.append({"number": number, **values(entry), **link, "hash": own})
        previous = own
    connection.execute(t.decisions.insert(), rows)
    return last


def _without_deleted(connection: sa.Connection, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Without the excerpts that came from documents which were deleted before they could be stored."""
    sources = [set(entry.detail.get(SOURCES, ())) if entry.excerpt else set() for entry in entries]
    needed = set().union(*sources)
    if not needed:
        return entries
    # A deletion either waits for this and erases the excerpts, or is waited for here. Before the counter, as there.
    query = sa.select(t.documents.c.id).where(t.documents.c.id.in_(needed)).order_by(t.documents.c.id)
    there = set(connection.execute(query.with_for_update(read=True, key_share=True)).scalars())
    kept = zip(entries, sources, strict=True)
    return [entry if source <= there else replace(entry, excerpt="") for entry, source in kept]


def hold_log(connection: sa.Connection) -> None:
    """Let nobody else append or remove decisions until this transaction ends."""
    _last_number(connection, lock=True)


def _last_number(connection: sa.Connection, *, lock: bool = False) -> int:
    query = sa.select(t.counters.c.n).where(t.counters.c.name == _COUNTER)
    number: int = connection.execute(query.with_for_update() if lock else query).scalar_one()
    return number


def _checkpoint(number: int, last_hash: str) -> Entry:
    return Entry(
        at=time.time(),
        request_id="",
        point=CHECKPOINT,
        action="log",
        detector="",
        policy_version="",
        text_sha256="",
        detail={"through": number, "hash": last_hash},
    )


def _start(checkpoint: Mapping[str, Any]) -> tuple[int, str]:
    """The number and the hash of the last row that was removed."""
    return int(checkpoint.get("through", 0)), str(checkpoint.get("hash", BEGINNING))


def decided(row: Row) -> Decided:
    """A row of the log."""
    entry = Entry(
        at=row.at,
        request_id=row.request_id,
        point=row.point,
        action=row.action,
        detector=row.detector,
        policy_version=row.policy_version,
        text_sha256=row.text_sha256,
        category=row.category,
        score=row.score,
        threshold=row.threshold,
        latency_ms=row.latency_ms,
        user_id=row.user_id,
        collections=tuple(row.collections),
        excerpt=row.excerpt,
        detail=row.detail,
    )
    seal = Seal(row.excerpt_sha256, row.excerpt_salt)
    return Decided(row.number, entry, row.previous, row.hash, row.form, seal, row.erased_at, row.erased_for)
