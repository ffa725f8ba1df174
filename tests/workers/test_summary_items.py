"""The documents of a run: several at the same time, each once, whoever is away, killed or cancelled meanwhile."""

import threading
from collections.abc import Callable

import pytest

from core.errors import ModelUnavailable
from core.filters import Filter
from core.settings import Settings
from core.storage.store import Store
from core.storage.summaries import SUMMARISE
from core.summaries import ItemState, SummaryOptions, SummaryRequest
from core.values import JobState
from tests import factories
from tests.places import EVERYWHERE
from tests.processes import eventually
from tests.workers.first_sentences import FirstSentences
from workers.summary_tasks import SummaryWorker

pytestmark = pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
DOCUMENTS = 12


class Together(FirstSentences):
    """Writes several at the same time, and counts how many."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.places = 4
        self.most = 0
        self.meanwhile: Callable[[str], None] = lambda _document_id: None
        self.running: set[str] = set()
        self._lock = threading.Lock()
        self.before = self._watch

    def _watch(self, document_id: str) -> None:
        with self._lock:
            self.running.add(document_id)
            self.most = max(self.most, len(self.running))
        try:
            self.meanwhile(document_id)
        finally:
            with self._lock:
                self.running.discard(document_id)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A lost worker is noticed at once."""
    return settings.model_copy(update={"lease_seconds": 0.4, "heartbeat_seconds": 0.1})


@pytest.fixture
def writer(store: Store) -> Together:
    """What writes here."""
    return Together(store)


@pytest.fixture
def worker(settings: Settings, store: Store, writer: Together) -> SummaryWorker:
    """A worker of runs."""
    return SummaryWorker(settings, store, lambda: writer)


@pytest.fixture
def ids(store: Store) -> list[str]:
    """Documents in the order of their paths."""
    uploads = [factories.upload(store, f"{n:02}.txt", f"text {n}".encode()) for n in range(DOCUMENTS)]
    for number, uploaded in enumerate(uploads):
        factories.publish(store, uploaded, f"Document {number}.", "More of it.")
    return [uploaded.document.id for uploaded in uploads]


@pytest.fixture
def run_id(store: Store, ids: list[str]) -> str:
    """A run over all of them, of the operator."""
    assert ids
    return store.summaries.start(SummaryRequest(SummaryOptions(), factories.collection_id(store)), owner=None)


def _said(store: Store, run_id: str) -> list[str]:
    result = store.summaries.get(run_id).result
    return [one.text for one in result.statements] if result is not None else []


def test_several_are_worked_at_the_same_time_and_each_once(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    four = threading.Barrier(4, timeout=10)

    def meet(document_id: str) -> None:
        if document_id in ids[:8]:
            four.wait()

    writer.meanwhile = meet

    assert worker.run(run_id)

    assert sorted(writer.asked) == sorted(ids) and writer.most == 4
    assert [one.attempts for one in store.summaries.items(run_id)] == [1] * DOCUMENTS
    assert _said(store, run_id) == [f"Document {n}." for n in range(DOCUMENTS)]


def test_never_more_than_the_settings_allow(
    settings: Settings, store: Store, writer: Together, ids: list[str], run_id: str
) -> None:
    fewer = settings.model_copy(update={"summary_documents": 2})
    two = threading.Barrier(2, timeout=10)

    def meet(_document_id: str) -> None:
        two.wait()

    writer.meanwhile = meet

    SummaryWorker(fewer, store, lambda: writer).run(run_id)

    assert writer.most == 2 and len(writer.asked) == DOCUMENTS


def test_the_time_that_is_left_is_told_while_it_works_and_the_pace_kept(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    writer.places = 1
    seen: list[float | None] = []

    def look(document_id: str) -> None:
        if document_id == ids[3]:
            eventually(lambda: store.jobs.get(run_id).progress.seconds_left)
            seen.append(store.jobs.get(run_id).progress.seconds_left)

    writer.meanwhile = look
    worker.run(run_id)

    assert seen[0] is not None and seen[0] > 0
    assert store.jobs.get(run_id).progress.seconds_left is None
    assert (store.paces.of(writer.model) or 0) > 0


def test_what_was_lost_before_is_worked_alone(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    lease = store.jobs.lease(SUMMARISE, run_id)
    assert lease is not None
    store.summaries.fill(lease, run_id, Filter(collections=(factories.collection_id(store),)))
    for _ in range(2):
        store.summaries.begin(lease, run_id, ids[5])
    store.jobs.release(lease)
    beside: list[set[str]] = []

    def look(document_id: str) -> None:
        if document_id == ids[5]:
            beside.append(set(writer.running))

    writer.meanwhile = look
    worker.run(run_id)

    assert beside == [{ids[5]}]
    assert _said(store, run_id) == [f"Document {n}." for n in range(DOCUMENTS)]


def test_one_that_takes_the_worker_with_it_is_left_out_and_no_other(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    def die(document_id: str) -> None:
        # As after kill -9: nothing is given back, and the lease runs out.
        if document_id == ids[2]:
            raise KeyboardInterrupt

    def worked() -> bool:
        try:
            return worker.run(run_id)
        except KeyboardInterrupt:
            return False

    writer.meanwhile = die
    eventually(worked)

    items = store.summaries.items(run_id)
    assert [one.document_id for one in items if one.state is not ItemState.DONE] == [ids[2]]
    assert items[2].error is not None and items[2].error.code == "worker_lost"
    assert max(one.attempts for one in items if one.document_id != ids[2]) <= 3


def test_a_model_that_is_away_for_everybody_costs_no_document(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    refused = 0

    def fail(_document_id: str) -> None:
        nonlocal refused
        if refused < 40:
            refused += 1
            writer.away = True
            raise ModelUnavailable("left alone")
        writer.away = False

    writer.meanwhile = fail
    worker.run(run_id)

    assert len(writer.asked) == 40 + DOCUMENTS
    assert _said(store, run_id) == [f"Document {n}." for n in range(DOCUMENTS)]


def test_others_go_on_while_one_rests_until_its_next_attempt(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    writer.places = 1

    def fail_once(document_id: str) -> None:
        if document_id == ids[0] and len(writer.asked) == 1:
            raise ModelUnavailable("too slow", retry_after=2)

    writer.meanwhile = fail_once
    worker.run(run_id)

    assert writer.asked[:3] == ids[:3] and writer.asked.count(ids[0]) == 2
    assert _said(store, run_id) == [f"Document {n}." for n in range(DOCUMENTS)]


def test_cancelling_ends_all_that_is_worked(
    store: Store, worker: SummaryWorker, writer: Together, ids: list[str], run_id: str
) -> None:
    def cancel() -> None:
        store.jobs.cancel(run_id)

    four = threading.Barrier(4, cancel, timeout=10)

    def wait(_document_id: str) -> None:
        four.wait()

    writer.meanwhile = wait
    worker.run(run_id)

    assert store.jobs.get(run_id).state is JobState.CANCELLED
    assert sorted(writer.asked) == sorted(ids[:4])
    assert writer.running == set()
