"""Searches as of a date: from the versions that answered then, whatever has happened since."""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import InvalidRequest
from core.filters import Filter
from core.settings import Settings
from core.storage.store import Store
from core.values import OPERATOR, Hit, InstallationRole, Reader
from core.versions import Answered
from retrieval.current import Answering, Current
from retrieval.embedders.protocol import Embedder
from retrieval.index import former
from retrieval.index.opening import open_indexer
from retrieval.index.protocol import Searched
from retrieval.retriever import Retriever
from tests import factories
from tests.retrieval.conftest import Publish, either_index, publish_passages

_NOTICE = "Either party may end this contract with notice of {} months to the end of a year."


@pytest.fixture(autouse=True)
def indexed(settings: Settings, store: Store) -> Iterator[None]:
    """What is published is indexed, as a server does."""
    indexer = open_indexer(settings, store)
    indexer.start()
    yield
    indexer.close()


def _now() -> Filter:
    return Filter(as_of=datetime.now(UTC))


def _found(retriever: Retriever, within: Filter, question: str = "What is the notice period?") -> list[Hit]:
    """What is found once the index shows what has been published."""
    deadline = time.monotonic() + 30
    while retriever.behind() and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(retriever.search(OPERATOR, question, within=within).hits)


def test_nobody_waits_while_an_index_of_former_versions_is_made(
    retriever: Retriever, publish_text: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_text("contract.txt", _NOTICE.format("three"))
    then = _now()
    publish_text("contract.txt", _NOTICE.format("six"))
    assert "six" in _found(retriever, Filter())[0].passage.text
    goes_on, beside = threading.Event(), Current.beside

    def slowly(current: Current, answering: Answering, former: Mapping[str, Answered]) -> Searched:
        assert not former or goes_on.wait(30)
        return beside(current, answering, former)

    monkeypatch.setattr(Current, "beside", slowly)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(_found, retriever, then) for _ in range(4)]
        try:
            assert "six" in pool.submit(_found, retriever, Filter()).result(10)[0].passage.text
            assert not any(each.done() for each in waiting)
        finally:
            goes_on.set()
    assert all("three" in each.result()[0].passage.text for each in waiting)


@either_index
def test_a_question_is_answered_from_what_answered_then(retriever: Retriever, publish_text: Publish) -> None:
    publish_text("menu.txt", "Lunch is served from noon to two in the canteen on the ground floor.")
    contract = publish_text("contract.txt", _NOTICE.format("three"))
    then = _now()
    publish_text("contract.txt", _NOTICE.format("six"))
    publish_text("late.txt", "The notice of meetings is given by e-mail.")

    hits = _found(retriever, then)
    assert "three months" in hits[0].passage.text
    assert (hits[0].passage.version, hits[0].passage.current_version, hits[0].passage.superseded) == (1, 2, True)
    assert {hit.passage.filename for hit in hits} == {"contract.txt", "menu.txt"}
    inside = replace(then, documents=(contract.id,))
    assert [hit.passage.version for hit in _found(retriever, inside)] == [1]
    (now,) = [hit.passage for hit in _found(retriever, replace(inside, as_of=None))]
    assert ("six months" in now.text, now.superseded) == (True, False)
    assert _found(retriever, Filter(as_of=datetime(2001, 1, 1, tzinfo=UTC))) == []


def test_rights_are_those_of_now_and_what_is_deleted_stays_away(
    retriever: Retriever, store: Store, publish_text: Publish
) -> None:
    hidden = publish_text("hidden.txt", _NOTICE.format("three"), collection="Board")
    publish_text("open.txt", _NOTICE.format("nine"))
    then = _now()
    publish_text("hidden.txt", "Nothing of notices.", collection="Board")
    publish_text("open.txt", "Nothing either.")
    stranger = Reader("somebody", InstallationRole.MEMBER)

    assert {hit.passage.filename for hit in _found(retriever, then)} == {"hidden.txt", "open.txt"}
    assert retriever.search(stranger, "notice", within=then).hits == ()
    store.documents.delete(hidden.id)
    assert {hit.passage.filename for hit in _found(retriever, then)} == {"open.txt"}


def test_what_has_been_replaced_is_found_by_its_words_alone_after_a_change_of_embedder(
    retriever: Retriever, store: Store, publish_text: Publish
) -> None:
    publish_text("contract.txt", _NOTICE.format("three"))
    then = _now()
    new = publish_text("contract.txt", _NOTICE.format("six"))
    old = store.history.answered(then)[new.id].version_id
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM vectors WHERE version_id = ?", (old,))

    assert "three months" in _found(retriever, then)[0].passage.text


def test_too_much_to_make_an_index_of_has_to_be_narrowed(
    retriever: Retriever, publish_text: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_text("contract.txt", _NOTICE.format("three"), "And more.")
    then = _now()
    publish_text("contract.txt", _NOTICE.format("six"))
    monkeypatch.setattr(former, "MOST_PASSAGES", 1)

    with pytest.raises(InvalidRequest, match="Narrow the question"):
        _found(retriever, then)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.torture) for seed in range(1, 9))])
def test_any_history_is_answered_as_a_plain_model_does(
    retriever: Retriever, store: Store, embedder: Embedder, seed: int
) -> None:
    chance = random.Random(seed)
    words = [f"alpha{n}" for n in range(40)]
    now: dict[str, str] = {}
    moments: list[tuple[Filter, dict[str, str]]] = []
    deleted: set[str] = set()
    for word in words[:14]:
        path = chance.choice([f"{n}.txt" for n in range(4)])
        if path in now and chance.random() < 0.2:
            document = next(one for one in store.documents.page(factories.collection_id(store)) if one.path == path)
            store.documents.delete(document.id)
            del now[path]
            moments = [(at, {p: w for p, w in then.items() if p != path}) for at, then in moments]
            deleted.add(path)
        else:
            now[path] = word
            publish_passages(store, embedder, path, f"The word of this paper is {word}.")
        moments.append((_now(), dict(now)))

    for at, then in chance.sample(moments, 6):
        hits = _found(retriever, at, "The word of this paper")
        assert {hit.passage.filename: hit.passage.text.split()[-1].rstrip(".") for hit in hits} == then
