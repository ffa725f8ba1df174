"""`kill -9` of worker, beat and web at random moments of a scheduled run: it says what the undisturbed one says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.storage.people import Credential
from core.storage.store import Store
from core.storage.summaries import SUMMARISE
from core.summaries import CatchUp, Schedule, Summary, SummaryOptions, SummaryRequest
from core.values import InstallationRole, JobState, User
from llm.services import Services
from tests import factories
from tests.llm.rude_server import served
from tests.places import EVERYWHERE
from tests.processes import eventually, free_port
from tests.workers.under_fire import UnderFire, is_over, scribe
from workers.ingest_tasks import IngestWorker
from workers.summary_tasks import SummaryWorker

SEED = 20260301
LAST_WEEK = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=7)


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    """Settings of processes that ask a slow model."""
    with served(scribe) as server:
        yield settings.model_copy(
            update={"port": free_port(), "llm_url": server.url, "llm_model": "scribe", "worker_threads": 1}
        )


@pytest.fixture
def owner(store: Store) -> User:
    """Somebody who may read everything."""
    return store.people.add("mira@example.org", InstallationRole.ADMIN)


def _read(store: Store, worker: IngestWorker, number: int, price: int) -> str:
    text = f"Machine {number} costs {price} euros a month. It stands in hall {number % 7}."
    uploaded = factories.upload(store, f"{number:03}.txt", text.encode())
    assert worker.run(uploaded.job_id)
    return uploaded.document.id


def _schedule(store: Store, owner: User, name: str) -> Schedule:
    request = SummaryRequest(SummaryOptions(), factories.collection_id(store))
    return store.schedules.add(
        owner=owner.id,
        name=name,
        cron=f"{LAST_WEEK:%M %H %d %m} *",
        timezone="UTC",
        request=request,
        delivery={},
        catch_up=CatchUp.ONE,
        next_at=None,
    )


def _run(store: Store, settings: Settings, *schedules: Schedule) -> None:
    """Run them here, undisturbed."""
    services = Services(settings, searches=False)
    worker = SummaryWorker(settings, store, lambda: services.summariser)
    for schedule in schedules:
        store.schedules.run_now(schedule)
    while worker.run():
        pass
    services.close()


def _words(summary: Summary | None) -> Any:
    return None if summary is None else (summary.statements, summary.citations, summary.model, summary.notices)


def _said(store: Store, run_id: str) -> Any:
    """Everything that a run leaves behind, but for how long it took and how often something was tried."""
    items = [
        (one.document_id, one.state, one.version_id, one.reused, one.error, _words(one.summary))
        for one in store.summaries.items(run_id)
    ]
    run, job = store.summaries.get(run_id), store.jobs.get(run_id)
    return items, _words(run.result), run.changes, job.state, job.result


def _last(store: Store, schedule: Schedule) -> str:
    runs = [run.id for run in store.summaries.of_owner(None, limit=1000) if run.schedule_id == schedule.id]
    return runs[0]


def _under_fire(
    settings: Settings, store: Store, worker: IngestWorker, owner: User, documents: int, kills: int, *, forks: Path
) -> int:
    """Compare a run under fire with one in peace; how many kills fell while it ran."""
    ids = [_read(store, worker, number, 100 + number) for number in range(documents)]
    calm, fire = _schedule(store, owner, "Calm"), _schedule(store, owner, "Under fire")
    _run(store, settings, calm, fire)
    for number in range(documents):
        if number % 8:
            _read(store, worker, number, 200 + number)
    _read(store, worker, documents, 7)
    store.documents.delete(ids[1])
    _run(store, settings, calm)
    key = store.people.issue(owner.id, Credential.API_KEY)

    with UnderFire(forks, settings, key, SEED) as processes:
        store.schedules.change(fire.id, next_at=LAST_WEEK)
        eventually(lambda: store.schedules.get(fire.id).next_at != LAST_WEEK, 60)
        run_id = _last(store, fire)
        while len(processes.killed) < kills and not is_over(store, run_id):
            processes.shoot(store, run_id)
        eventually(lambda: is_over(store, run_id), 180)
        told = processes.told(f"/api/v1/summaries/{run_id}")

    # Something was cut off, or it was no fire.
    assert max(one.attempts for one in store.summaries.items(run_id)) > 1
    assert _said(store, run_id) == _said(store, _last(store, calm))
    assert store.jobs.get(run_id).state is JobState.DONE
    assert len(store.summaries.get(run_id).changes or ()) > documents / 2
    assert (told["state"], told["schedule_id"]) == ("done", fire.id) and told["summary"]["statements"]
    assert [run.due_at for run in store.summaries.of_owner(None) if run.schedule_id == fire.id].count(LAST_WEEK) == 1
    assert store.jobs.waiting(SUMMARISE) == []
    return len(processes.killed)


@pytest.mark.timeout(300)
def test_a_run_under_fire_says_what_it_says_in_peace(
    settings: Settings, store: Store, worker: IngestWorker, owner: User, forks: Path
) -> None:
    assert _under_fire(settings, store, worker, owner, 12, 4, forks=forks) >= 2


@pytest.mark.torture
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_fifty_kills(settings: Settings, store: Store, worker: IngestWorker, owner: User, forks: Path) -> None:
    assert _under_fire(settings, store, worker, owner, 150, 50, forks=forks) == 50
