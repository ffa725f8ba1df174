"""Runs of summaries against the real server of a tiny Llama, part of whose answers is broken on the way."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from core.settings import Settings, load_settings
from core.storage.store import Store
from core.summaries import ItemState, SummaryOptions, SummaryRequest
from core.values import OPERATOR, AnswerStatus, JobState
from llm.services import Services
from tests.llm.conftest import embedder, publish_text
from tests.llm.faulty_proxy import FAULTS, FaultyProxy
from tests.llm_server import ServedLlama
from tests.retrieval.conftest import Publish
from workers.summary_tasks import SummaryWorker

__all__ = ["embedder", "publish_text"]

THINGS = (
    "roof",
    "floor",
    "garden",
    "water",
    "kitchen",
    "door",
    "room",
    "energy",
    "building",
    "machine",
    "key",
    "letter",
)


@pytest.fixture
def proxy(served_llama: ServedLlama) -> Iterator[FaultyProxy]:
    """Every third answer gets a fault, of each kind in turn."""
    kinds = [*FAULTS]
    opened = FaultyProxy(served_llama.url, lambda n: kinds[n // 3 % len(kinds)] if n % 3 == 1 else None)
    yield opened
    opened.close()


@pytest.fixture
def settings(settings: Settings, served_llama: ServedLlama, proxy: FaultyProxy) -> Settings:
    """Settings that name the proxy, with little patience."""
    return load_settings(
        data=settings.data,
        llm_url=proxy.url,
        llm_model=served_llama.model,
        llm_window=1024,
        llm_silent_seconds=6,
        llm_concurrency=4,
        heartbeat_seconds=0.2,
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """The collaborators, over the same database as `store`."""
    opened = Services(settings)
    yield opened
    opened.close()


@pytest.fixture
def store(services: Services) -> Store:
    """The store of the services."""
    return services.store


@pytest.mark.timeout(400)
def test_every_document_ends_once_and_people_are_answered_meanwhile(
    settings: Settings, services: Services, publish_text: Publish, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = services.store
    said = {}
    for thing in THINGS:
        sentence = f"The tenant pays for the {thing}."
        said[publish_text(f"{thing}.txt", sentence, f"The {thing} is old.").id] = sentence
    stored: Counter[str] = Counter()
    finish = store.summaries.finish

    def counted(lease: object, run_id: str, document_id: str, *rest: object, **more: object) -> None:
        finish(lease, run_id, document_id, *rest, **more)  # type: ignore[arg-type]
        stored[document_id] += 1

    monkeypatch.setattr(store.summaries, "finish", counted)
    request = SummaryRequest(SummaryOptions(), None, tuple(said))
    run_id = store.summaries.start(request, owner=None)
    working = threading.Thread(target=SummaryWorker(settings, store, lambda: services.summariser).run, args=(run_id,))
    working.start()
    answered = services.assistant.answer(OPERATOR, "Who pays for the roof?")
    working.join()

    items = store.summaries.items(run_id)
    assert store.jobs.get(run_id).state is JobState.DONE
    assert {one.state for one in items} <= {ItemState.DONE, ItemState.FAILED}
    done = {one.document_id: one.summary for one in items if one.state is ItemState.DONE}
    assert stored == Counter(dict.fromkeys(done, 1))
    assert len(done) >= len(THINGS) - 2
    for document_id, summary in done.items():
        assert summary is not None
        assert {one.document_id for one in summary.citations} <= {document_id}
        assert [one.text for one in summary.statements] == [said[document_id]]
    assert 1 <= proxy.most <= settings.llm_concurrency
    assert answered.status in {AnswerStatus.ANSWERED, AnswerStatus.UNAVAILABLE}
