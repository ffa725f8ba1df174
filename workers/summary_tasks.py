"""Runs of summaries: one job each, taken, worked to its end, and ended with what all of its documents say together.

A run that was cut off goes on with the documents that are left. How these are worked is in `workers.summary_items`,
how summaries are written in `llm.summaries`, when schedules are due in `workers.cron`.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.access import scope
from core.errors import ArchivarError, LeaseLost, Stopped, StorageFull, Unavailable
from core.filters import Filter
from core.settings import Settings
from core.storage.store import Store
from core.storage.summaries import SUMMARISE
from core.summaries import ItemState, SummaryItem, SummaryRun
from core.values import Failure, JobState, Lease
from workers import cron
from workers.heartbeat import Heartbeat
from workers.summary_items import CLOSED, Refused, Summarising, SummaryItems, reader_of, refused

if TYPE_CHECKING:
    from llm.summaries.differences import Told

_FORBIDDEN = Failure("forbidden", "The person who asked for this may no longer sign in or read any of it.")

log = logging.getLogger(__name__)


class SummaryWorker:
    """Works runs. Thread-safe; `summariser` is opened with the first run."""

    def __init__(self, settings: Settings, store: Store, summariser: Callable[[], Summarising]) -> None:
        self._settings = settings
        self._store = store
        self._summariser = summariser
        self._stopping = threading.Event()

    def fire(self, at: datetime | None = None) -> list[str]:
        """Queue the runs of schedules whose time has come; their ids. Safe by several processes at once."""
        at = at or self._store.schedules.clock()
        queued: list[str] = []
        for schedule in self._store.schedules.due(at):
            try:
                times, following = cron.due(schedule, at)
                queued += self._store.schedules.fire(schedule, times, following)
            except Exception:
                # The entry point of all schedules: whatever is wrong with one, the others run. It is tried again.
                log.exception("Schedule %s could not be fired.", schedule.id)
        return queued

    def run(self, job_id: str | None = None) -> bool:
        """Take the named run, or the longest waiting one, and work it to its end; False when there was none."""
        if self._stopping.is_set():
            return False
        lease = self._store.jobs.lease(SUMMARISE, job_id)
        if lease is None:
            return False
        with Heartbeat(self._store.jobs, lease, self._settings.heartbeat_seconds) as heartbeat:
            try:
                self._work(lease, heartbeat)
            except Refused:
                self._refuse(lease)
            except (LeaseLost, Stopped) as error:
                log.info("Run %s is no longer ours: %s", lease.job.id, error)
                self._give_back(lease)
            except (ArchivarError, OSError) as error:
                log.warning("Run %s, attempt %d: %s", lease.job.id, lease.job.attempts, error)
                self._try_again_later(lease, error)
            except Exception as error:
                # The entry point of a task: whatever went wrong belongs to this run and not to its neighbours.
                log.exception("Run %s failed.", lease.job.id)
                self._try_again_later(lease, error)
        return True

    def stop(self) -> None:
        """Take nothing more; what is being written is given back, and goes on with another worker."""
        self._stopping.set()

    def _work(self, lease: Lease, heartbeat: Heartbeat) -> None:
        run = self._store.summaries.get(lease.job.target)
        if (within := run.request.selection) is not None:
            self._store.summaries.fill(lease, run.id, self._open(run, within))
        summariser = self._summariser()
        items = SummaryItems(
            self._settings,
            self._store,
            lease,
            heartbeat,
            summariser=summariser,
            run=run,
            stopping=self._stopping,
        )
        items.work()
        self._end(lease, run, summariser)

    def _open(self, run: SummaryRun, within: Filter) -> Filter:
        """The filter over the collections that are open to who asked. Raises `Refused` where none is."""
        readable = scope(reader_of(self._store, run), self._store.collections.ids())
        if within.collections is not None:
            readable &= frozenset(within.collections)
        if not readable:
            raise Refused
        return replace(within, collections=tuple(readable))

    def _end(self, lease: Lease, run: SummaryRun, summariser: Summarising) -> None:
        from llm.summaries.differences import Told, differences  # noqa: PLC0415 - opens what only a run needs

        reader, items = reader_of(self._store, run), self._store.summaries.items(run.id)
        closed = {one.document_id for one in items if refused(self._store, reader, one.document_id) is CLOSED}
        if items and len(closed) == len(items):
            raise Refused
        items = [replace(one, summary=None) if one.document_id in closed else one for one in items]
        parts = [(one.document_id, one.summary) for one in items if one.summary is not None]
        result = None
        if len(parts) == 1 and len(items) == 1:
            result = parts[0][1]
        elif parts:
            result = summariser.many(reader, parts, run.request.options)
        before = self._store.summaries.before(run)
        changes = None
        if before is not None:
            earlier = self._told(self._store.summaries.items(before.id))
            earlier |= {one: Told("", None, None) for one in self._store.summaries.deleted_since(before.id)}
            changes = differences(earlier, self._told(items))
        failed = sum(one.state is ItemState.FAILED for one in items)
        told = {"documents": len(items), "summarised": len(parts), "failed": failed}
        told["reused"] = sum(one.reused for one in items)
        if changes is not None:
            told["differences"] = len(changes)
        self._store.summaries.end(lease, run.id, result, changes, told, [one for one, _ in parts])

    def _told(self, items: list[SummaryItem]) -> "dict[str, Told]":
        from llm.summaries.differences import Told  # noqa: PLC0415 - see `_end`

        names = self._store.documents.filenames([one.document_id for one in items])
        return {one.document_id: Told(names.get(one.document_id, ""), one.version_id, one.summary) for one in items}

    def _refuse(self, lease: Lease) -> None:
        try:
            self._store.jobs.end(lease, JobState.FORBIDDEN, error=_FORBIDDEN)
        except (LeaseLost, Unavailable, StorageFull) as error:
            log.warning("Run %s is not ended here: %s", lease.job.id, error)

    def _give_back(self, lease: Lease) -> None:
        try:
            self._store.jobs.release(lease, forgive=True)
        except (Unavailable, StorageFull) as error:
            log.warning("Run %s waits until its lease runs out: %s", lease.job.id, error)

    def _try_again_later(self, lease: Lease, error: Exception) -> None:
        code = error.code if isinstance(error, ArchivarError) else "internal_error"
        message = error.message if isinstance(error, ArchivarError) else f"{type(error).__name__}: {error}"
        try:
            if self._store.jobs.may_try_again(lease):
                self._stopping.wait(self._settings.heartbeat_seconds * lease.job.attempts / 2)
                self._store.jobs.release(lease)
            else:
                self._store.jobs.end(lease, JobState.FAILED, error=Failure(code, message))
        except (LeaseLost, Unavailable, StorageFull) as trouble:
            log.warning("Run %s is not ended here: %s", lease.job.id, trouble)
