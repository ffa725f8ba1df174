"""Works one run of summaries in this process, beside whatever worker may run elsewhere on the same data."""

import time

from core.deliveries import Delivery, DeliveryState
from core.settings import Settings
from core.storage.store import Store
from core.values import FINAL_JOB_STATES, Job
from llm.services import Services
from llm.summaries import Summariser
from workers.delivery.deliverer import Deliverer
from workers.summary_tasks import SummaryWorker

_LOOK_SECONDS = 0.25


def finished(settings: Settings, store: Store, run_id: str) -> Job:
    """The job of a run once that has ended and each of its deliveries has been tried."""
    opened: list[Services] = []

    def summariser() -> Summariser:
        if not opened:
            opened.append(Services(settings, searches=False))
        return opened[0].summariser

    worker = SummaryWorker(settings, store, summariser)
    try:
        while (job := store.jobs.get(run_id)).state not in FINAL_JOB_STATES:
            # What another worker took first is waited for, and taken up where that falls silent.
            if not worker.run(run_id):
                store.jobs.fail_exhausted()
                time.sleep(_LOOK_SECONDS)
    finally:
        for services in opened:
            services.close()
    delivered(settings, store, run_id)
    return job


def delivered(settings: Settings, store: Store, run_id: str) -> list[Delivery]:
    """The deliveries of a run once each of them that can be made has been tried."""
    deliverer = Deliverer(settings, store)
    while any(one.state is DeliveryState.WAITING and not one.attempts for one in store.deliveries.of_run(run_id)):
        if not deliverer.deliver():
            break
    return store.deliveries.of_run(run_id)
