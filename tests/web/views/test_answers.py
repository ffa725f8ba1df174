"""Search and answers over REST, on a document that was really read."""

import io
import json
from typing import Any

import pytest

from core.values import CollectionRole
from tests.web.site import Caller, Site
from web import models

TEXT = b"Travel policy\n\nThe daily allowance is 28 euros.\n\nTrains are booked in second class."
QUESTION = "How much is the daily allowance?"


@pytest.fixture(scope="module")
def collection(site: Site) -> str:
    """A collection with a document."""
    return site.collection()


@pytest.fixture(scope="module")
def reader(site: Site, collection: str) -> Caller:
    """Someone who may read it."""
    site.admin.post(f"/api/v1/collections/{collection}/documents", data={"file": (io.BytesIO(TEXT), "travel.txt")})
    site.read_everything()
    return site.member(collection, CollectionRole.READER)


def _events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("event: ")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_search_finds_within_rights(site: Site, reader: Caller, collection: str) -> None:
    reply = reader.post("/api/v1/search", json={"query": "daily allowance", "k": 3}).json
    assert reply is not None and "28 euros" in reply["hits"][0]["text"]
    stranger = site.by_key(site.user())
    assert stranger.post("/api/v1/search", json={"query": "daily allowance"}).json["hits"] == []  # type: ignore[index]
    foreign = {"query": "daily allowance", "filters": {"documents": [reply["hits"][0]["document_id"]]}}
    assert stranger.post("/api/v1/search", json=foreign).json["hits"] == []  # type: ignore[index]


def test_an_answer_cites_and_is_kept_for_whoever_asked(site: Site, reader: Caller, collection: str) -> None:
    answer = reader.post("/api/v1/answers", json={"question": QUESTION, "collections": [collection]}).json
    assert answer is not None and "28 euros" in answer["answer"]
    assert answer["citations"][0]["filename"] == "travel.txt"
    kept = reader.get(f"/api/v1/answers/{answer['id']}")
    assert kept.json == answer
    assert site.admin.get(f"/api/v1/answers/{answer['id']}").status_code == 404


def test_a_stream_tells_the_same_sentence_by_sentence(reader: Caller) -> None:
    reply = reader.post("/api/v1/answers", json={"question": QUESTION, "stream": True})
    assert reply.mimetype == "text/event-stream"
    *told, (last, answer) = _events(reply.text)
    assert last == "done" and {name for name, _ in told} == {"sentence"}
    models.Answer.model_validate(answer, strict=False)
    for _, sentence in told:
        models.SentenceEvent.model_validate(sentence, strict=False)
    assert [sentence["text"] for _, sentence in told] == [sentence["text"] for sentence in answer["sentences"]]
    assert [source for _, sentence in told for source in sentence["sources"]] == answer["citations"]


def test_an_answer_goes_with_the_right_to_read_what_it_cites(site: Site, reader: Caller, collection: str) -> None:
    user = site.user()
    site.store.collections.set_member(collection, user.id, CollectionRole.READER)
    someone = site.by_key(user)
    answer = someone.post("/api/v1/answers", json={"question": QUESTION}).json
    assert answer is not None and answer["citations"]
    site.store.collections.set_member(collection, user.id, None)
    assert someone.get(f"/api/v1/answers/{answer['id']}").status_code == 404
