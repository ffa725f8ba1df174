"""Runs of summaries: one job, worked to its end by one thread, document by document.

Each summary is stored when it is there, under the job's lease, so a run that was cut off goes on at the next document.
How summaries are written is in `llm.summaries`, when schedules are due in `workers.cron`.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.access import Action, permits
from core.errors import ArchivarError, LeaseLost, NotFound, NotSignedIn, Stopped, StorageFull, Unavailable
from core.settings import Settings
from core.storage.store import Store
from core.storage.summaries import SUMMARISE
from core.summaries import ItemState, Summary, SummaryItem, SummaryOptions, SummaryRun
from core.values import OPERATOR, Failure, JobState, Lease, Progress, Reader
from workers import cron
from workers.heartbeat import Heartbeat

if TYPE_CHECKING:
    from llm.summaries.differences import Told

# A document under which the worker ends so often is left out. Workers are killed for other reasons, too.
_MOST_LOSSES = 10
_STAGE = "summarising"
_FORBIDDEN = Failure("forbidden", "The person who asked for this may no longer sign in or read any of it.")
_CLOSED = Failure("forbidden", "The person who asked for this may no longer read the document.")
_GONE = Failure("not_found", "The document is gone, or the person who asked for this may no longer read it.")
_LOST = Failure("worker_lost", "The worker that summarised this stopped without a word several times.")

log = logging.getLogger(__name__)


class Summarising(Protocol):
    """What writes summaries; `llm.summaries.Summariser` does."""

    @property
    def model(self) -> str:
        """The name of who writes."""
        ...

    def document(
        self,
        reader: Reader,
        document_id: str,
        options: SummaryOptions,
        *,
        stopped: Callable[[], bool],
    ) -> Summary:
        """Of one document."""
        ...

    def many(self, reader: Reader, parts: list[tuple[str, Summary]], options: SummaryOptions) -> Summary:
        """Of many, from their own."""
        ...


class _Refused(Exception):
    """Nothing of the run is open any more to the person who asked for it."""


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
            except _Refused:
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
        collection_id = run.request.collection_id
        if collection_id is not None:
            if not permits(self._reader(run), Action.READ, collection_id):
                raise _Refused
            self._store.summaries.fill(lease, run.id, collection_id)
        items = self._store.summaries.items(run.id)
        earlier = self._earlier(run)
        for done, item in enumerate(items):
            heartbeat.report(Progress(_STAGE, done, len(items)))
            if item.state not in {ItemState.DONE, ItemState.FAILED}:
                self._summarise(lease, run, item, earlier, heartbeat)
        heartbeat.report(Progress(_STAGE, len(items), len(items)))
        self._end(lease, run)

    def _summarise(
        self,
        lease: Lease,
        run: SummaryRun,
        item: SummaryItem,
        earlier: Mapping[str, SummaryItem],
        heartbeat: Heartbeat,
    ) -> None:
        store = self._store.summaries
        if item.attempts >= _MOST_LOSSES:
            store.fail(lease, run.id, item.document_id, _LOST)
            return
        store.begin(lease, run.id, item.document_id)
        # Rights may be taken away while a long run goes on.
        reader = self._reader(run)
        if (refused := self._refused(reader, item.document_id)) is not None:
            store.fail(lease, run.id, item.document_id, refused)
            return
        version = self._store.documents.current_version(item.document_id)
        known = earlier.get(item.document_id)
        kept = self._kept(known, version.id) if version is not None and known is not None else None
        if version is not None and kept is not None:
            store.finish(lease, run.id, item.document_id, version.id, kept, reused=True)
            return
        try:
            summary = self._written(run, item, reader, heartbeat)
        except (LeaseLost, Stopped):
            raise
        except NotFound:
            store.fail(lease, run.id, item.document_id, _GONE)
        except ArchivarError as error:
            store.fail(lease, run.id, item.document_id, Failure(error.code, error.message))
        except Exception as error:
            # As in `run`, but for one document.
            log.exception("Document %s could not be summarised.", item.document_id)
            store.fail(lease, run.id, item.document_id, Failure("internal_error", f"{type(error).__name__}: {error}"))
        else:
            # Without a version nothing could have been summarised.
            store.finish(lease, run.id, item.document_id, version.id if version is not None else "", summary)

    def _reader(self, run: SummaryRun) -> Reader:
        """Who asked, with the rights of this moment. Raises `_Refused` where the person may not even sign in."""
        if run.owner is None:
            return OPERATOR
        try:
            return self._store.people.reader_of(run.owner)
        except NotSignedIn:
            raise _Refused from None

    def _refused(self, reader: Reader, document_id: str) -> Failure | None:
        try:
            document = self._store.documents.get(document_id)
        except NotFound:
            return _GONE
        return None if permits(reader, Action.READ, document.collection_id) else _CLOSED

    def _written(self, run: SummaryRun, item: SummaryItem, reader: Reader, heartbeat: Heartbeat) -> Summary:
        """The summary; what does not answer right now is asked again a few times, later each time."""
        last = self._settings.job_attempts

        def stopped() -> bool:
            return self._stopping.is_set() or heartbeat.is_lost

        for attempt in range(1, last + 1):
            try:
                return self._summariser().document(reader, item.document_id, run.request.options, stopped=stopped)
            except Unavailable as error:
                if attempt == last:
                    raise
                log.info("Document %s waits: %s", item.document_id, error)
                self._stopping.wait(self._settings.heartbeat_seconds * attempt / 2)
            if stopped():
                raise Stopped("The worker is stopping.")
        raise AssertionError("unreachable")

    def _kept(self, known: SummaryItem, version_id: str) -> Summary | None:
        """The summary of the same version by the same writer, if there is one."""
        if known.summary is None or known.version_id != version_id:
            return None
        return known.summary if known.summary.model == self._summariser().model else None

    def _earlier(self, run: SummaryRun) -> dict[str, SummaryItem]:
        """What the run before said of each document, where it was asked the same."""
        before = self._store.summaries.before(run)
        if before is None or before.request.options != run.request.options:
            return {}
        return {one.document_id: one for one in self._store.summaries.items(before.id)}

    def _end(self, lease: Lease, run: SummaryRun) -> None:
        from llm.summaries.differences import Told, differences  # noqa: PLC0415 - opens what only a run needs

        reader, items = self._reader(run), self._store.summaries.items(run.id)
        closed = {one.document_id for one in items if self._refused(reader, one.document_id) is _CLOSED}
        if items and len(closed) == len(items):
            raise _Refused
        items = [replace(one, summary=None) if one.document_id in closed else one for one in items]
        parts = [(one.document_id, one.summary) for one in items if one.summary is not None]
        result = None
        if len(parts) == 1 and len(items) == 1:
            result = parts[0][1]
        elif parts:
            result = self._summariser().many(reader, parts, run.request.options)
        before = self._store.summaries.before(run)
        changes = None
        if before is not None:
            earlier = self._told(self._store.summaries.items(before.id))
            earlier |= {one: Told("", None, None) for one in self._store.summaries.deleted_since(before.id)}
            changes = differences(earlier, self._told(items))
        failed = sum(one.state is ItemState.FAILED for one in items)
        told = {"documents": len(items), "summarised": len(parts), "failed": failed}
        told["reused"] = sum(one.reused for one in items)
        self._store.summaries.end(lease, run.id, result, changes, told, [one for one, _ in parts])

    def _told(self, items: list[SummaryItem]) -> "dict[str, Told]":
        from llm.summaries.differences import Told  # noqa: PLC0415 - see `_end`

        names = self._store.documents.filenames([one.document_id for one in items])
        return {one.document_id: Told(names.get(one.document_id, ""), one.version_id, one.summary) for one in items}

    def _refuse(self, lease: Lease) -> None:
        try:
            self._store.jobs.end(lease, JobState.FORBIDDEN, error=_FORBIDDEN)
        except (Unavailable, StorageFull) as error:
            log.warning("Run %s waits until its lease runs out: %s", lease.job.id, error)

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
        except (Unavailable, StorageFull) as trouble:
            log.warning("Run %s waits until its lease runs out: %s", lease.job.id, trouble)
