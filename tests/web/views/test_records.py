"""Follow-ups, feedback, replays and exports over REST, on documents that were really read."""

import json
from typing import Any
from uuid import uuid4

import pytest
from markdown_it import MarkdownIt

from core.values import CollectionRole, Document, User
from tests.web.site import Caller, Site
from web.chat_models import ChatCompletion

TEXT = "The rent of the barn is 700 euros. The deposit of the barn is 2,100 euros."
HOSTILE = (
    "# Owls <img src=x onerror=alert(1)> ![x](https://evil.example/p.png) [click](javascript:alert(1)) "
    "the owl price is **5** `euros` &lt;script&gt; www.evil.example | a | b | \u202etxt"
)
RENT = "How high is the rent of the barn?"
DEPOSIT = "And the deposit?"
WHOLE = "How high is the deposit of the barn?"


@pytest.fixture(scope="module")
def document(site: Site) -> Document:
    """A document that answers."""
    one = site.document(site.collection(), TEXT, path="barn_<b>[1].txt")
    site.read_everything()
    return one


@pytest.fixture
def user(site: Site, document: Document) -> User:
    """Someone who may read it."""
    one = site.user()
    site.store.collections.set_member(document.collection_id, one.id, CollectionRole.READER)
    return one


@pytest.fixture
def reader(site: Site, user: User) -> Caller:
    """The same with a key."""
    return site.by_key(user)


def _ask(caller: Caller, document: Document, question: str, **more: object) -> dict[str, Any]:
    body = {"question": question, "filters": {"documents": [document.id]}, **more}
    reply = caller.post("/api/v1/answers", json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json or {})


def test_a_follow_up_is_understood_and_says_so(reader: Caller, document: Document) -> None:
    conversation = str(uuid4())
    assert _ask(reader, document, RENT, conversation_id=conversation)["question_understood"] is None
    body = {"question": DEPOSIT, "conversation_id": conversation, "stream": True}
    streamed = reader.post("/api/v1/answers", json={**body, "filters": {"documents": [document.id]}}).text

    assert f"\n: understood as {WHOLE}\n" in streamed
    answer = json.loads(streamed.rpartition("data: ")[2])
    assert answer["question_understood"] == WHOLE
    assert answer["sentences"][0]["text"] == "The deposit of the barn is 2,100 euros."
    kept = reader.get(f"/api/v1/conversations/{conversation}").json
    assert kept is not None and kept["exchanges"][1]["answer"] == answer


def test_messages_before_the_last_are_a_conversation_too(site: Site, reader: Caller, document: Document) -> None:
    name = site.store.collections.get(document.collection_id).name
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": RENT},
        {"role": "assistant", "content": "700 euros."},
        {"role": "user", "content": DEPOSIT},
    ]

    reply = reader.post("/v1/chat/completions", json={"model": f"archivar/{name}", "messages": messages})
    alone = reader.post("/v1/chat/completions", json={"model": f"archivar/{name}", "messages": messages[3:]})

    assert ChatCompletion.model_validate_json(reply.data).archivar.question_understood == WHOLE
    assert "2,100" in ChatCompletion.model_validate_json(reply.data).choices[0].message.content
    assert ChatCompletion.model_validate_json(alone.data).archivar.question_understood is None


def test_a_record_and_a_replay(site: Site, reader: Caller, document: Document) -> None:
    answer = _ask(reader, document, RENT)
    path = f"/api/v1/answers/{answer['id']}"

    record = reader.get(f"{path}/record").json
    replay = reader.post(f"{path}/replay").json

    assert record is not None and replay is not None
    assert record["filters"] == {"documents": [document.id]} and record["index"] > 0
    assert {one["document_id"] for one in record["passages"]} == {document.id}
    assert (record["model"], record["verdicts"]) == ("quoting", ["supported"] * len(answer["sentences"]))
    assert TEXT[:20] not in json.dumps(record)
    assert replay["now"]["answer"] == replay["before"]["answer"] == answer["answer"]
    assert set(replay["differs"]) <= {"index"}


def test_feedback_is_given_seen_by_administrators_and_taken_back(
    site: Site, user: User, reader: Caller, document: Document
) -> None:
    conversation = str(uuid4())
    answer = _ask(reader, document, RENT, conversation_id=conversation)
    path, admin = f"/api/v1/answers/{answer['id']}/feedback", site.admin
    bad: dict[str, Any] = {"rating": "down", "reason": "outdated", "text": " It is 800 now. "}

    assert reader("PUT", path, json={"rating": "up"}).json["reason"] is None  # type: ignore[index]
    given = reader("PUT", path, json=bad).json

    assert given is not None and (given["rating"], given["text"]) == ("down", "It is 800 now.")
    kept = reader.get(f"/api/v1/conversations/{conversation}").json
    assert kept is not None and kept["exchanges"][0]["feedback"] == given
    for query in ("", "?rating=down", "?reason=outdated&rating=down"):
        (listed,) = _of(admin.get(f"/api/v1/feedback{query}").json, answer["id"])
        assert (listed["question"], listed["answer"], listed["user_id"]) == (RENT, answer["answer"], user.id)
    assert _of(admin.get("/api/v1/feedback?rating=up").json, answer["id"]) == []
    lines = [json.loads(line) for line in admin.get("/api/v1/feedback/export.jsonl").text.splitlines()]
    assert _of({"feedback": lines}, answer["id"]) == [listed]

    assert reader("DELETE", path).status_code == 200
    assert _of(admin.get("/api/v1/feedback").json, answer["id"]) == []


def _of(listed: Any, answer_id: str) -> list[dict[str, Any]]:
    return [one for one in listed["feedback"] if one["answer_id"] == answer_id]


@pytest.mark.parametrize(
    "body",
    [{}, {"rating": "great"}, {"rating": "down", "reason": "bored"}, {"rating": True}, {"rating": "up", "user_id": "x"},
     {"rating": "up", "text": "\0"}, {"rating": "up", "text": "x" * 1001}],
)  # fmt: skip
def test_feedback_that_makes_no_sense_is_refused(reader: Caller, document: Document, body: dict[str, Any]) -> None:
    answer = _ask(reader, document, RENT)

    assert reader("PUT", f"/api/v1/answers/{answer['id']}/feedback", json=body).status_code == 400


def test_what_was_deleted_is_in_no_record_list_or_file(site: Site, reader: Caller) -> None:
    user = site.user()
    collection = site.collection()
    site.store.collections.set_member(collection, user.id, CollectionRole.READER)
    caller = site.by_key(user)
    gone = site.document(collection, "The secret of the barn is a trapdoor.")
    site.read_everything()
    conversation = str(uuid4())
    answer = _ask(caller, gone, "What is the secret of the barn?", conversation_id=conversation)
    path = f"/api/v1/answers/{answer['id']}"
    assert "trapdoor" in answer["answer"]
    assert "trapdoor" in caller.get(f"{path}/export.md").text
    caller("PUT", f"{path}/feedback", json={"rating": "up"})

    site.store.documents.delete(gone.id)

    assert caller.get(f"{path}/export.md").status_code == 404
    told = [
        caller.get(f"/api/v1/conversations/{conversation}/export.md"),
        caller.get(f"/api/v1/conversations/{conversation}"),
        caller.get(f"{path}/record"),
        caller.post(f"{path}/replay"),
        site.admin.get("/api/v1/feedback"),
        site.admin.get("/api/v1/feedback/export.jsonl"),
    ]
    assert [(reply.status_code, "trapdoor" in reply.text) for reply in told] == [(200, False)] * 6
    assert "This answer has been withdrawn" in told[0].text


def test_an_export_has_numbered_sources_and_says_what_it_is(reader: Caller, document: Document) -> None:
    conversation = str(uuid4())
    _ask(reader, document, RENT, conversation_id=conversation)
    second = _ask(reader, document, DEPOSIT, conversation_id=conversation)

    one = reader.get(f"/api/v1/answers/{second['id']}/export.md", headers={"Accept-Language": "de"})
    whole = reader.get(f"/api/v1/conversations/{conversation}/export.md").text

    assert one.mimetype == "text/markdown" and "attachment" in one.headers["Content-Disposition"]
    assert one.text.startswith(
        f"# {DEPOSIT}\n\n*Verstanden als: {WHOLE}*\n\nThe deposit of the barn is 2,100 euros. [1]"
    )
    assert "## Quellen\n\n1. barn\\_\\<b\\>\\[1\\].txt, Seite 1\n\n   > The deposit of the barn" in one.text
    assert whole.startswith(f"# {RENT}\n\n## {RENT}\n") and f"\n## {DEPOSIT}\n" in whole


def test_nothing_in_an_export_becomes_markup(site: Site, reader: Caller, document: Document) -> None:
    evil = site.document(document.collection_id, HOSTILE, path="![a](https://evil.example/f.png).txt")
    site.read_everything()
    answer = _ask(reader, evil, "What is the **owl** price <b>now</b>?")
    text = reader.get(f"/api/v1/answers/{answer['id']}/export.md").text

    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)

    assert "owl price is" in html
    for tag in ("<img", "<a ", "<b>", "<script", "<strong", "<table", "<code"):
        assert tag not in html
    assert html.count("<h1>") == 1 and "<h1>Owls" not in html
    assert "\u202e" not in text
