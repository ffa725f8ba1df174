"""A real worker reads documents, fires the schedule whose time has come, and writes the summary."""

from datetime import UTC, datetime, timedelta

import pytest

from core.settings import Settings
from core.storage.store import Store
from core.summaries import CatchUp, SummaryOptions, SummaryRequest
from core.values import JobState
from tests import factories
from tests.places import EVERYWHERE
from tests.processes import eventually
from tests.workers.conftest import StartWorker
from workers.doorbell import Doorbell

RENT = "The rent is 90 euros a month and must be paid on the third working day."


@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_a_worker_fires_schedules_and_hears_bells(settings: Settings, store: Store, start: StartWorker) -> None:
    document = factories.upload(store, "rent.txt", RENT.encode()).document
    request = SummaryRequest(SummaryOptions(), document.collection_id)
    for _ in range(2):
        start("workers.main", lease_seconds=30.0, heartbeat_seconds=1.0)
    eventually(lambda: store.documents.get(document.id).passages == 1, 60)

    due = datetime.now(UTC) - timedelta(minutes=1)
    schedule = store.schedules.add(
        owner=None,
        name="Weekly",
        cron="0 6 * * 1",
        timezone="UTC",
        request=request,
        delivery={},
        catch_up=CatchUp.ONE,
        next_at=due,
    )
    eventually(lambda: store.schedules.last_run(schedule.id), 60)
    rung = store.summaries.start(request, owner=None)
    Doorbell(settings).ring_for_summaries(rung)
    eventually(lambda: store.jobs.get(rung).state is JobState.DONE, 60)

    runs = store.summaries.of_owner(None)
    assert [run.schedule_id for run in runs] == [None, schedule.id]
    results = [store.summaries.get(run.id).result for run in runs]
    assert [[one.text for one in result.statements] for result in results if result is not None] == [[RENT]] * 2
