"""The program `python -m workers.main`: a worker for the queues of the settings, until SIGTERM.

What it does with a job is not here.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from core.errors import ArchivarError
from core.logs import log_to_stderr
from core.settings import Settings, load_settings, quiet_libraries
from core.storage.store import Store
from llm.moderation.policy_file import open_policy
from workers.app import BATCH_QUEUE, INGEST_QUEUE, INGEST_TASK, SUMMARISE_TASK, SWEEP_TASK, UPKEEP_TASK, make_app
from workers.broker import SIGN_OF_LIFE_SECONDS, redis_client, show_life
from workers.delivery.deliverer import Deliverer
from workers.delivery.loop import DeliveryLoop
from workers.doorbell import Doorbell
from workers.ingest_tasks import IngestWorker
from workers.remains import Remains
from workers.summary_loop import LOOK_SECONDS, SummaryLoop
from workers.summary_tasks import SummaryWorker
from workers.sweeping import Sweeper, sweep
from workers.upkeep import tidy

if TYPE_CHECKING:
    from llm.services import Services
    from llm.summaries import Summariser

# The supervisor kills after five seconds.
_ENDS_WITHIN = 3.0
_LOOK_SECONDS = 0.05

log = logging.getLogger(__name__)


class _Ending:
    """Whether the end of the process has begun, by SIGTERM, SIGINT or a failure, and its exit status."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.status = 0
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        # Not `begun.set()`: it takes a lock that the interrupted thread may hold.
        self._asked = True

    def wait(self) -> None:
        """Return when the end begins. For the main thread.

        It looks again and again: a signal that comes just before a thread goes to sleep on a lock does not wake it.
        """
        while not self._asked and not self.begun.is_set():
            time.sleep(_LOOK_SECONDS)
        self.begun.set()

    def fail(self, why: str) -> None:
        """Begin the end because something that has to run does not; too late to matter once it has begun."""
        if not self.begun.is_set():
            log.error("%s", why)
            self.status = 1
            self.begun.set()


def main() -> int:
    """Run a worker until SIGTERM; its exit status where it could not even begin."""
    settings = load_settings()
    quiet_libraries()
    log_to_stderr(settings)
    try:
        run_worker(settings)
    except ArchivarError as error:
        log.error("%s", error)
    return 1


def run_worker(settings: Settings) -> NoReturn:
    """Answer the queues of the settings, showing signs of life, until SIGTERM or SIGINT.

    Only who answers `ingest` also sweeps and keeps the node's index; parser children and the embedder are opened by
    the first document.
    """
    ending = _Ending()
    store = Store(settings)
    closings: list[Callable[[], None]] = []
    tasks: dict[str, Callable[..., None]] = {}
    if BATCH_QUEUE in settings.worker_queues:
        summaries, end = _summaries(settings, store)
        tasks |= _batch_tasks(settings, store, summaries)
        deliveries = DeliveryLoop(Deliverer(settings, store), min(LOOK_SECONDS, settings.sweep_seconds))
        closings += [end, deliveries.stop]
        summaries.start()
        deliveries.start()
    if INGEST_QUEUE in settings.worker_queues:
        worker = IngestWorker(settings, store)
        sweeper = Sweeper(store.jobs, settings.sweep_seconds, worker)
        tasks |= _ingest_tasks(worker, settings.worker_threads)
        closings += [sweeper.stop, worker.close]
        sweeper.start()

    _start("celery", lambda: _answer(settings, tasks), ending)
    _start("life", lambda: _show_life(settings, ending.begun), ending)
    if INGEST_QUEUE in settings.worker_queues:
        closings.append(_keep_index(settings, store))
    ending.wait()

    _within(_ENDS_WITHIN, *closings)
    logging.shutdown()
    # Not `sys.exit`: threads may be inside native code for minutes, and leases make leaving them there safe.
    os._exit(ending.status)


def _answer(settings: Settings, tasks: Mapping[str, Callable[..., None]]) -> None:
    app = make_app(settings)
    for name, work in tasks.items():
        app.task(work, name=name)
    # A WorkController rather than `celery worker`: the signals are ours, and a thread may run it.
    app.WorkController(
        pool="threads",
        concurrency=settings.worker_threads + 1,
        queues=list(settings.worker_queues),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel=settings.log_level.upper(),
    ).start()


def _ingest_tasks(worker: IngestWorker, threads: int) -> dict[str, Callable[..., None]]:
    # The pool has a seat more than documents may take, so that they never keep everything else waiting.
    seats, rung = threading.Semaphore(threads), threading.Event()

    def ingest(job_id: str) -> None:
        """Work the job that was rung for, then whatever else waits: who is awake needs no further bell."""
        rung.set()
        while rung.is_set() and seats.acquire(blocking=False):
            with _released(seats):
                rung.clear()
                worker.run(job_id)
                while worker.run():
                    pass

    return {INGEST_TASK: ingest}


@contextmanager
def _released(seats: threading.Semaphore) -> Iterator[None]:
    try:
        yield
    finally:
        seats.release()


def _batch_tasks(settings: Settings, store: Store, summaries: SummaryLoop) -> dict[str, Callable[..., None]]:
    doorbell, policy = Doorbell(settings), open_policy(settings)

    def ring_again() -> None:
        """Sweep, as beat asked for."""
        sweep(store.jobs, doorbell.ring)

    def keep_up() -> None:
        """Tidy, as beat asked for."""
        tidy(store, policy, Remains(settings, store))

    def summarise(job_id: str) -> None:
        """Work the run that was rung for, or whichever waits longest."""
        log.debug("A bell for run %s.", job_id)
        summaries.ring()

    return {SWEEP_TASK: ring_again, UPKEEP_TASK: keep_up, SUMMARISE_TASK: summarise}


def _summaries(settings: Settings, store: Store) -> tuple[SummaryLoop, Callable[[], None]]:
    """What works runs of summaries, and what ends it; model and embedder are opened by the first run."""
    opened: list[Services] = []
    lock = threading.Lock()

    def summariser() -> "Summariser":
        from llm.services import Services  # noqa: PLC0415 - doorbells need not wait for this import

        with lock:
            if not opened:
                opened.append(Services(settings, searches=False))
            return opened[0].summariser

    seconds = min(LOOK_SECONDS, settings.sweep_seconds)
    loop = SummaryLoop(SummaryWorker(settings, store, summariser), threads=settings.worker_threads, seconds=seconds)

    def end() -> None:
        loop.stop()
        for services in opened:
            services.close()

    return loop, end


def _keep_index(settings: Settings, store: Store) -> Callable[[], None]:
    """Begin to keep the node's index; what ends that."""
    from retrieval.index.opening import open_indexer  # noqa: PLC0415 - doorbells need not wait for this import

    indexer = open_indexer(settings, store)
    indexer.start()
    return indexer.close


def _show_life(settings: Settings, stopping: threading.Event) -> None:
    client = redis_client(settings)
    while not stopping.is_set():
        show_life(client, settings.worker_queues)
        stopping.wait(SIGN_OF_LIFE_SECONDS)


def _start(name: str, work: Callable[[], None], ending: _Ending) -> None:
    """Run work in a thread whose unwanted end ends the process too, so that the supervisor starts a fresh one."""

    def until_the_end() -> None:
        try:
            work()
        finally:
            ending.fail(f"The thread {name} has ended.")

    threading.Thread(target=until_the_end, name=name, daemon=True).start()


def _within(seconds: float, *closings: Callable[[], None]) -> None:
    threads = [threading.Thread(target=closing, daemon=True) for closing in closings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)


if __name__ == "__main__":
    sys.exit(main())
