"""Conversations over REST: kept, reopened, deleted, and empty of what may no longer be read."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest

from core.storage.people import Credential
from core.values import CollectionRole, Document, Hit
from llm.assistant import Assistant
from llm.moderation import PassThrough
from llm.writers import Draft, Source
from tests.web.site import Caller, Site

QUESTION = "How many eggs does the hen lay?"


@pytest.fixture
def document(site: Site) -> Document:
    """A document that answers the question."""
    one = site.document(site.collection(), "The hen lays seven eggs in a week.")
    site.read_everything()
    return one


@pytest.fixture
def reader(site: Site, document: Document) -> Caller:
    """Someone who may read it."""
    return site.member(document.collection_id, CollectionRole.READER)


def _ask(caller: Caller, conversation: str, document: Document) -> dict[str, Any]:
    body = {"question": QUESTION, "conversation_id": conversation, "filters": {"documents": [document.id]}}
    reply = caller.post("/api/v1/answers", json=body)
    assert reply.status_code == 200 and reply.json is not None
    return dict(reply.json)


def _exchanges(caller: Caller, conversation: str) -> list[dict[str, Any]]:
    reply = caller.get(f"/api/v1/conversations/{conversation}")
    assert reply.json is not None
    return list(reply.json["exchanges"])


def test_a_conversation_is_kept_and_deleted(site: Site, reader: Caller, document: Document) -> None:
    conversation = str(uuid4())
    answer = _ask(reader, conversation, document)
    _ask(reader, conversation, document)

    listed = reader.get("/api/v1/conversations").json
    assert listed is not None and listed["next_cursor"] is None
    assert [(one["id"], one["title"], one["questions"]) for one in listed["conversations"]] == [
        (conversation, QUESTION, 2)
    ]
    assert [one["question"] for one in _exchanges(reader, conversation)] == [QUESTION] * 2
    assert _exchanges(reader, conversation)[0]["answer"] == answer
    assert site.admin.get(f"/api/v1/conversations/{conversation}").status_code == 404

    assert reader("DELETE", f"/api/v1/conversations/{conversation}").json == {"id": conversation, "questions": 2}
    assert reader.get(f"/api/v1/conversations/{conversation}").status_code == 404
    assert reader.get(f"/api/v1/answers/{answer['id']}").status_code == 404


class _Uncited:
    """A writer that cites one document and says more without a citation."""

    model = "uncited"
    introduction = ""

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
        passage = next(hit.passage for hit in hits if "secret" not in hit.passage.text)
        yield Draft(passage.text, (Source(passage, passage.text),))
        yield Draft("The secret is known.", ())


def test_a_sentence_without_citation_goes_with_what_it_may_rest_on(site: Site, document: Document) -> None:
    user, other, conversation = site.user(), site.collection(), str(uuid4())
    site.document(other, "The hen has a secret: it lays eggs at night.")
    site.read_everything()
    for collection in (document.collection_id, other):
        site.store.collections.set_member(collection, user.id, CollectionRole.READER)
    answering = Assistant(site.store, site.services.retriever, _Uncited(), PassThrough())
    reader, asker = (
        site.by_key(user),
        site.store.people.reader(site.store.people.issue(user.id, Credential.API_KEY), Credential.API_KEY),
    )
    answer = answering.answer(asker, QUESTION, conversation_id=conversation)
    assert _exchanges(reader, conversation)[0]["answer"]["answer"] == answer.answer
    assert reader.get(f"/api/v1/answers/{answer.id}").status_code == 200

    site.store.collections.set_member(other, user.id, None)

    assert reader.get(f"/api/v1/answers/{answer.id}").status_code == 404
    assert _exchanges(reader, conversation)[0]["answer"] is None


def test_an_answer_is_left_out_once_what_it_cites_is_gone(site: Site, reader: Caller, document: Document) -> None:
    conversation = str(uuid4())
    assert _ask(reader, conversation, document)["status"] == "answered"

    site.store.documents.delete(document.id)

    assert [one["answer"] for one in _exchanges(reader, conversation)] == [None]


def test_a_question_may_be_asked_of_some_documents_only(site: Site, reader: Caller, document: Document) -> None:
    other = site.document(document.collection_id, "The goose lays two eggs in a week.")
    site.read_everything()

    answer = _ask(reader, str(uuid4()), document)
    assert {citation["document_id"] for citation in answer["citations"]} == {document.id}
    assert {citation["document_id"] for citation in _ask(reader, str(uuid4()), other)["citations"]} <= {other.id}
    foreign = site.document(site.collection(), "The duck lays nine eggs in a week.")
    site.read_everything()
    assert _ask(reader, str(uuid4()), foreign)["status"] == "not_found"
