"""The documents of a run of summaries: each summarised once, several at the same time where the writer keeps up.

Each summary is stored when it is there, under the job's lease. Runs as a whole are in `workers.summary_tasks`.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from core.access import Action, permits
from core.errors import ArchivarError, LeaseLost, NotFound, NotSignedIn, Stopped, Unavailable
from core.settings import Settings
from core.storage.store import Store
from core.summaries import ItemState, Summary, SummaryItem, SummaryOptions, SummaryRun
from core.values import OPERATOR, Failure, Lease, Progress, Reader
from workers.heartbeat import Heartbeat
from workers.several import Several
from workers.time_left import TimeLeft

# A document under which the worker ends so often is left out. Workers are killed for other reasons, too.
_MOST_LOSSES = 10
# After so many losses it may be at fault, and nothing else shall be lost with it.
_SUSPICIOUS = 2
# Whoever writes may be away for so long before a document is given up.
_PATIENCE_SECONDS = 600.0
_STAGE = "summarising"
_ENDED = {ItemState.DONE, ItemState.FAILED}
CLOSED = Failure("forbidden", "The person who asked for this may no longer read the document.")
_GONE = Failure("not_found", "The document is gone, or the person who asked for this may no longer read it.")
_LOST = Failure("worker_lost", "The worker that summarised this stopped without a word several times.")

log = logging.getLogger(__name__)


class Summarising(Protocol):
    """What writes summaries; `llm.summaries.Summariser` does."""

    @property
    def model(self) -> str:
        """The name of who writes."""
        ...

    @property
    def places(self) -> int:
        """How many documents it is best given at the same time, right now."""
        ...

    @property
    def away(self) -> bool:
        """Whether whoever writes is not there for anybody right now."""
        ...

    def document(
        self,
        reader: Reader,
        document_id: str,
        options: SummaryOptions,
        *,
        stopped: Callable[[], bool],
        progress: Callable[[int, int], None],
    ) -> Summary:
        """Of one document."""
        ...

    def many(self, reader: Reader, parts: list[tuple[str, Summary]], options: SummaryOptions) -> Summary:
        """Of many, from their own."""
        ...


class Refused(Exception):
    """Nothing of the run is open any more to the person who asked for it."""


def reader_of(store: Store, run: SummaryRun) -> Reader:
    """Who asked, with the rights of this moment. Raises `Refused` where the person may not even sign in."""
    if run.owner is None:
        return OPERATOR
    try:
        return store.people.reader_of(run.owner)
    except NotSignedIn:
        raise Refused from None


def refused(store: Store, reader: Reader, document_id: str) -> Failure | None:
    """Why a document is not open to a reader; None where it is."""
    try:
        document = store.documents.get(document_id)
    except NotFound:
        return _GONE
    return None if permits(reader, Action.READ, document.collection_id) else CLOSED


class SummaryItems:
    """The work on the documents of one run, while the lease is held."""

    def __init__(  # noqa: PLR0913 - a run has so many parts
        self,
        settings: Settings,
        store: Store,
        lease: Lease,
        heartbeat: Heartbeat,
        *,
        summariser: Summarising,
        run: SummaryRun,
        stopping: threading.Event,
    ) -> None:
        self._settings = settings
        self._store = store
        self._lease = lease
        self._heartbeat = heartbeat
        self._summariser = summariser
        self._run = run
        self._stopping = stopping
        self._items = store.summaries.items(run.id)
        self._done = sum(one.state in _ENDED for one in self._items)
        self._resting = 0
        self._counting = threading.Lock()
        left, passages = self._left(), store.summaries.passages(run.id)
        pace = store.paces.of(summariser.model)
        self._time = TimeLeft({one.document_id: passages.get(one.document_id, 0) for one in left}, pace)
        self._earlier = self._known()
        self._several = Several(self._work, places=self._places, alone=_suspicious, look=self._look)

    def work(self) -> None:
        """Bring every document to its end. Raises `Refused`, `LeaseLost`, `Stopped` and what the storage raises."""
        self._several.through(self._left())
        self._look()
        if (measured := self._time.measured) is not None:
            self._store.paces.note(self._summariser.model, *measured)

    def _left(self) -> list[SummaryItem]:
        return [one for one in self._items if one.state not in _ENDED]

    def _places(self) -> int:
        # Who rests until the next attempt asks nothing of the writer meanwhile.
        resting = 0 if self._summariser.away else self._resting
        return min(self._settings.summary_documents, self._summariser.places + resting)

    def _look(self) -> None:
        self._heartbeat.report(Progress(_STAGE, self._done, len(self._items), self._time.seconds))

    def _work(self, item: SummaryItem) -> None:
        written = self._summarise(item)
        self._time.end(item.document_id, written=written)
        with self._counting:
            self._done += 1
        self._look()

    def _summarise(self, item: SummaryItem) -> bool:
        """Bring one document to its end; whether something was written."""
        store, lease, run_id, document_id = self._store.summaries, self._lease, self._run.id, item.document_id
        if item.attempts >= _MOST_LOSSES:
            store.fail(lease, run_id, document_id, _LOST)
            return False
        store.begin(lease, run_id, document_id)
        # Rights may be taken away while a long run goes on.
        reader = reader_of(self._store, self._run)
        if (why := refused(self._store, reader, document_id)) is not None:
            store.fail(lease, run_id, document_id, why)
            return False
        version = self._store.documents.current_version(document_id)
        # Without a version nothing can be summarised, and the writer says so.
        version_id = version.id if version is not None else ""
        if (kept := self._kept(document_id, version_id)) is not None:
            store.finish(lease, run_id, document_id, version_id, kept, reused=True)
            return False
        try:
            summary = self._written(document_id, reader)
        except (LeaseLost, Stopped):
            raise
        except NotFound:
            store.fail(lease, run_id, document_id, _GONE)
        except ArchivarError as error:
            store.fail(lease, run_id, document_id, Failure(error.code, error.message))
        except Exception as error:
            # The entry point for one document: whatever went wrong belongs to it and not to its neighbours.
            log.exception("Document %s could not be summarised.", document_id)
            store.fail(lease, run_id, document_id, Failure("internal_error", f"{type(error).__name__}: {error}"))
        else:
            store.finish(lease, run_id, document_id, version_id, summary)
            return True
        return False

    def _stopped(self) -> bool:
        return self._stopping.is_set() or self._heartbeat.is_lost or self._several.halted

    def _written(self, document_id: str, reader: Reader) -> Summary:
        """The summary; what does not answer right now is asked again a few times, later each time.

        While whoever writes is away for everybody no document is to blame, and all wait for some minutes.
        """
        options, attempts, until = self._run.request.options, 0, time.monotonic() + _PATIENCE_SECONDS
        while True:
            if self._stopped():
                raise Stopped("The worker is stopping.")
            try:
                return self._summariser.document(
                    reader,
                    document_id,
                    options,
                    stopped=self._stopped,
                    progress=lambda done, total: self._time.part(document_id, done, total),
                )
            except Unavailable as error:
                away = self._summariser.away and time.monotonic() < until
                attempts += not away
                if attempts >= self._settings.job_attempts:
                    raise
                log.info("Document %s waits: %s", document_id, error)
                self._rest(max(self._settings.heartbeat_seconds * attempts / 2, error.retry_after or 0))

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._counting:
            self._resting += 1
        while (left := until - time.monotonic()) > 0 and not self._stopped():
            self._stopping.wait(min(left, 1.0))
        with self._counting:
            self._resting -= 1

    def _kept(self, document_id: str, version_id: str) -> Summary | None:
        """The summary of the same version by the same writer, if there is one."""
        known = self._earlier.get(document_id)
        if known is None or known.summary is None or not version_id or known.version_id != version_id:
            return None
        return known.summary if known.summary.model == self._summariser.model else None

    def _known(self) -> Mapping[str, SummaryItem]:
        """What the run before said of each document, where it was asked the same."""
        before = self._store.summaries.before(self._run)
        if before is None or before.request.options != self._run.request.options:
            return {}
        return {one.document_id: one for one in self._store.summaries.items(before.id)}


def _suspicious(item: SummaryItem) -> bool:
    return item.attempts >= _SUSPICIOUS
