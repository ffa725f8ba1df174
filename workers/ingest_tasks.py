"""Reading a document from its stored bytes to searchable passages: one job, worked to its end by one thread.

How a document is parsed, split and embedded is in `ingest` and `retrieval`; who calls this is in `workers.main` and
`cli`.
"""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.access import Action, permits
from core.errors import (
    ArchivarError,
    EmbedderMissing,
    EmbedderReplaced,
    LeaseLost,
    NotSignedIn,
    ParserLimit,
    StorageFull,
    Unavailable,
    UnreadableDocument,
)
from core.settings import Settings
from core.storage.files import storage_error
from core.storage.jobs import READING
from core.storage.store import Store
from core.values import Failure, Job, JobState, Lease, Progress, Version
from workers.heartbeat import Heartbeat
from workers.reading_time import ReadingTime, embedding_pace, remember

if TYPE_CHECKING:
    from ingest.children import ParserPool
    from llm.moderation.moderator import PolicyModerator
    from llm.moderation.screening import Screened
    from retrieval.embedders.agreed import AgreedEmbedder
    from retrieval.embedders.protocol import Embedder

_FORBIDDEN = Failure("forbidden", "The person who added this may no longer write to the collection.")
_DAMAGED_STORE = Failure("missing_file", "The stored file is not there. Run `./archivar doctor`, or add it again.")
_LOCKED_AGAIN = Failure("password_required", "The unlocked copy is not there any more. Give the password again.")

log = logging.getLogger(__name__)


class IngestWorker:
    """What reading needs: the store, parser children and the embedder, each opened when first used. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._held: dict[str, tuple[Lease, Heartbeat]] = {}
        self._parsers: ParserPool | None = None
        self._embedder: AgreedEmbedder | None = None
        self._moderator: PolicyModerator | None = None

    @property
    def is_busy(self) -> bool:
        """Whether as many jobs are being worked as the settings allow."""
        return len(self._held) >= self._settings.worker_threads

    def run(self, job_id: str | None = None) -> bool:
        """Take the named job, or the longest waiting one, and work it to its end; False when there was none."""
        if self._stopping.is_set():
            return False
        lease = self._store.jobs.lease(READING, job_id)
        if lease is None:
            return False
        with Heartbeat(self._store.jobs, lease, self._settings.heartbeat_seconds) as heartbeat:
            self._hold(lease, heartbeat)
            try:
                self._work(lease, heartbeat)
            except LeaseLost as error:
                log.info("Job %s is no longer ours: %s", lease.job.id, error)
            except (UnreadableDocument, EmbedderMissing) as error:
                self._end_unread(lease, error)
            except (Unavailable, StorageFull) as error:
                self._try_again_later(lease, error)
            except OSError as error:
                self._try_again_later(lease, storage_error(error))
            except Exception as error:
                # The entry point of a task: whatever went wrong belongs to this document and not to its neighbours.
                log.exception("Job %s failed.", lease.job.id)
                self._try_again_later(lease, error)
            finally:
                self._held.pop(lease.job.id, None)
        return True

    def _work(self, lease: Lease, heartbeat: Heartbeat) -> None:
        from ingest.pipeline import read_document  # noqa: PLC0415 - an unchanged `add` must not pay for these

        version = self._store.documents.version(lease.job.target)
        if version is None:
            self._store.jobs.end(lease, JobState.CANCELLED)
            return
        if not self._may_still_write(lease.job, version):
            self._store.documents.end_unread(lease, version.id, _FORBIDDEN, state=JobState.FORBIDDEN)
            return
        path = self._store.files.path(version.readable_sha256)
        if not path.exists():
            lost = _LOCKED_AGAIN if self._store.files.path(version.sha256).exists() else _DAMAGED_STORE
            self._store.documents.end_unread(lease, version.id, lost)
            return
        self._store.documents.begin_reading(lease, version.id)
        time = ReadingTime(embedding_pace(self._store.paces))

        def report(progress: Progress) -> None:
            if progress.stage == "publishing" and (measured := time.embedded()):
                remember(self._store.paces, *measured)
            heartbeat.report(time.told(progress))

        reading = read_document(
            self._opened_pool(),
            path,
            version.filename,
            self._opened_embedder().token_spans,
            self._settings.passage_tokens,
            report,
        )
        screened = self._opened_moderator().screen(version, reading, lease.job.created_by)
        self._publish(lease, version, screened, report)
        log.info("Version %s is ready: %d passages.", version.id, len(reading.passages))

    def _publish(
        self, lease: Lease, version: Version, screened: "Screened", report: Callable[[Progress], None]
    ) -> None:
        from retrieval.writer import publish  # noqa: PLC0415 - see `_work`

        while True:
            try:
                embedder = self._opened_embedder()
                publish(self._store, embedder, lease, version, screened.reading, report, held=screened.held)
            except EmbedderReplaced as error:
                log.info("Version %s: %s", version.id, error)
            else:
                return

    def stop(self) -> None:
        """Take nothing more and give back what is held, uncounted; the work notices at its next report."""
        self._stopping.set()
        for lease, heartbeat in list(self._held.values()):
            heartbeat.lose()
            try:
                self._store.jobs.release(lease, forgive=True)
            except Unavailable as error:
                log.warning("Job %s waits until its lease runs out: %s", lease.job.id, error)

    def close(self) -> None:
        """Stop, end the parser children, and store the decisions that wait."""
        self.stop()
        with self._lock:
            if self._parsers is not None:
                self._parsers.close()
            if self._moderator is not None:
                self._moderator.close()

    def _opened_pool(self) -> "ParserPool":
        from ingest.children import ParserPool  # noqa: PLC0415

        with self._lock:
            if self._stopping.is_set():
                raise LeaseLost("The worker is stopping.")
            self._parsers = self._parsers or ParserPool(self._settings)
            return self._parsers

    def _opened_embedder(self) -> "Embedder":
        from retrieval.embedders.agreed import AgreedEmbedder  # noqa: PLC0415

        with self._lock:
            self._embedder = self._embedder or AgreedEmbedder(self._settings, self._store, bulk=True)
        return self._embedder()

    def _opened_moderator(self) -> "PolicyModerator":
        from llm.moderation.opening import open_moderator  # noqa: PLC0415

        with self._lock:
            self._moderator = self._moderator or open_moderator(self._settings, self._store)
            return self._moderator

    def _hold(self, lease: Lease, heartbeat: Heartbeat) -> None:
        self._held[lease.job.id] = lease, heartbeat
        if self._stopping.is_set():
            # `stop` looked before this lease was here.
            self.stop()

    def _may_still_write(self, job: Job, version: Version) -> bool:
        if job.created_by is None:
            return True
        try:
            reader = self._store.people.reader_of(job.created_by)
        except NotSignedIn:
            return False
        return permits(reader, Action.WRITE, version.collection_id)

    def _end_unread(self, lease: Lease, error: UnreadableDocument | EmbedderMissing) -> None:
        """What time does not heal ends the document at once; a parser that died or was too slow gets its attempts."""
        try:
            if isinstance(error, ParserLimit) and self._store.jobs.may_try_again(lease):
                self._store.jobs.release(lease)
            else:
                self._store.documents.end_unread(lease, lease.job.target, Failure(error.code, error.message))
        except (Unavailable, StorageFull) as trouble:
            log.warning("Job %s waits until its lease runs out: %s", lease.job.id, trouble)

    def _try_again_later(self, lease: Lease, error: Exception) -> None:
        """Pause with the lease held, because trouble like this passes with time, then give the job back or end it."""
        log.warning("Job %s, attempt %d: %s", lease.job.id, lease.job.attempts, error)
        code = error.code if isinstance(error, ArchivarError) else "internal_error"
        message = error.message if isinstance(error, ArchivarError) else f"{type(error).__name__}: {error}"
        try:
            if self._store.jobs.may_try_again(lease):
                self._stopping.wait(self._settings.heartbeat_seconds * lease.job.attempts / 2)
                self._store.jobs.release(lease)
            else:
                self._store.documents.end_unread(lease, lease.job.target, Failure(code, message))
        except (Unavailable, StorageFull) as trouble:
            log.warning("Job %s waits until its lease runs out: %s", lease.job.id, trouble)
