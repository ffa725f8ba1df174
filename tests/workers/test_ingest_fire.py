"""Uploads, new versions and deletions while everything around them is killed, emptied, locked and rung too often."""

import json
import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cli.examination import problems
from core.settings import Settings
from core.storage.people import Credential
from core.storage.store import Store
from core.values import DocumentStatus, InstallationRole
from retrieval.index.opening import open_indexer
from tests import factories
from tests.places import EVERYWHERE
from tests.processes import eventually, free_port
from tests.workers.ingest_fire import Attack, Redis
from tests.workers.texts import assert_exactly_once
from tests.workers.under_fire import UnderFire
from workers.upkeep import tidy

SHORT = ("parser", "redis flushed", "bells", "redis down", "worker", "database locked")
STRIKES = (*SHORT, "web", "worker", "beat")
_TERMINAL = {DocumentStatus.READY, DocumentStatus.FAILED}


def _under_fire(
    forks: Path, settings: Settings, store: Store, seed: int, strikes: Sequence[str], seconds: float
) -> Attack:
    """Attack an installation; all that was promised must hold in the end."""
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    redis = Redis(settings.model_copy(update={"port": free_port(), "web_threads": 8}))
    settings = redis.settings
    collection = factories.collection_id(store)
    key = store.people.issue(store.people.add("mira@example.org", InstallationRole.ADMIN).id, Credential.API_KEY)
    rng = random.Random(seed)
    with redis, UnderFire(forks, settings, key, seed) as processes:
        attack = Attack(settings, store, processes, redis, rng, seconds)
        for number, strike in enumerate(strikes):
            attack.upload(collection, f"{number}.txt", f"Mark {number}.")
            attack.strike(strike)
            attack.upload(collection, rng.choice(sorted(attack.accepted)), f"Mark {number} again.")
            if number % 3 == 2:
                attack.delete(rng.choice(sorted(attack.accepted)))
        eventually(lambda: _all_terminal(attack), 240)
        _prove(attack, collection)
    return attack


def _all_terminal(attack: Attack) -> bool:
    documents = attack.store.documents
    return all(documents.get(one).status in _TERMINAL for one in attack.accepted.values())


def _prove(attack: Attack, collection: str) -> None:
    store = attack.store
    found = {one.id: one for one in store.documents.page(collection)}
    assert set(found) == set(attack.accepted.values())
    for document in found.values():
        # Whoever was killed three times over one document ends it with that reason, and it can be read again.
        if document.status is DocumentStatus.FAILED:
            assert document.error is not None
            assert document.error.code in {"worker_lost", "parser_limit", "unavailable"}, document.error
            continue
        assert_exactly_once(store, document)
    # Nothing but versions of documents that are there has passages, and searches know of no deleted one.
    query = json.dumps({"query": "supplier delivers to warehouse", "k": 50}).encode()
    answer = attack.processes.ask("POST", "/api/v1/search", query, "application/json")
    assert answer is not None and answer.status == 200
    assert {hit["document_id"] for hit in answer.body["hits"]} <= set(found)
    tidy(store)  # receipts of deletions that were cut off
    with closing(open_indexer(attack.settings, store)) as indexer:
        eventually(lambda: not list(problems(attack.settings, store, indexer, owned=False)), 60)
    for status, retry_after in attack.refused:
        assert status == 503 and retry_after is not None


@pytest.mark.timeout(400)
def test_what_was_accepted_is_read_once_whatever_happens(forks: Path, settings: Settings, store: Store) -> None:
    attack = _under_fire(forks, settings, store, 1, SHORT, 1.0)
    assert attack.hits == list(SHORT) and attack.deleted


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_twenty_seeds(forks: Path, settings: Settings, store: Store, seed: int) -> None:
    _under_fire(forks, settings, store, seed, random.Random(seed).sample(2 * STRIKES, 2 * len(STRIKES)), 3.0)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_a_minute_without_redis_and_database(forks: Path, settings: Settings, store: Store) -> None:
    _under_fire(forks, settings, store, 1, STRIKES, 60.0)
