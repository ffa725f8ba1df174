"""The program `python -m workers.main`: an ingest worker, until SIGTERM. What it does with a job is not here."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from celery import Celery

from core.errors import ArchivarError
from core.logs import log_to_stderr
from core.settings import Settings, load_settings, quiet_libraries
from core.storage.store import Store
from workers.app import INGEST_TASK, QUEUE, SWEEP_TASK, make_app
from workers.broker import SIGN_OF_LIFE_SECONDS, redis_client, show_life
from workers.doorbell import Doorbell
from workers.ingest_tasks import IngestWorker
from workers.sweeping import Sweeper, sweep

# The supervisor kills after five seconds.
_ENDS_WITHIN = 3.0

log = logging.getLogger(__name__)


class _Ending:
    """Whether the end of the process has begun, by SIGTERM, SIGINT or a failure, and its exit status."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.status = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.begun.set())

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
    """Answer doorbells, sweep, keep the node's index, and show signs of life, until SIGTERM or SIGINT."""
    ending = _Ending()
    store = Store(settings)
    worker = IngestWorker(settings, store)
    sweeper = Sweeper(store.jobs, settings.sweep_seconds, worker)

    _start("celery", lambda: _answer_doorbells(settings, store, worker), ending)
    _start("life", lambda: _show_life(settings, ending.begun), ending)
    sweeper.start()

    from retrieval.index.indexer import Indexer  # noqa: PLC0415 - doorbells need not wait for this import

    indexer = Indexer(settings, store)
    indexer.start()
    ending.begun.wait()

    sweeper.stop()
    _within(_ENDS_WITHIN, worker.close, indexer.close)
    logging.shutdown()
    # Not `sys.exit`: threads may be inside native code for minutes, and leases make leaving them there safe.
    os._exit(ending.status)


def _answer_doorbells(settings: Settings, store: Store, worker: IngestWorker) -> None:
    app = make_app(settings)
    _teach(app, settings, store, worker)
    # A WorkController rather than `celery worker`: the signals are ours, and a thread may run it.
    app.WorkController(
        pool="threads",
        concurrency=settings.worker_threads,
        queues=[QUEUE],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel=settings.log_level.upper(),
    ).start()


def _teach(app: Celery, settings: Settings, store: Store, worker: IngestWorker) -> None:
    doorbell = Doorbell(settings)

    def ingest(job_id: str) -> None:
        """Work the job that was rung for, then whatever else waits: who is awake needs no further bell."""
        worker.run(job_id)
        while worker.run():
            pass

    def ring_again() -> None:
        """Sweep, as beat asked for."""
        sweep(store.jobs, doorbell.ring)

    app.task(ingest, name=INGEST_TASK)
    app.task(ring_again, name=SWEEP_TASK)


def _show_life(settings: Settings, stopping: threading.Event) -> None:
    client = redis_client(settings)
    while not stopping.is_set():
        show_life(client)
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
