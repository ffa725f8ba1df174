"""The OpenAI-compatible interface, asked by the clients that people use: `openai` and LangChain's `ChatOpenAI`."""

import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import openai
import pytest
from langchain_openai import ChatOpenAI

from core.storage.people import Credential
from core.values import CollectionRole
from tests.web.listening import listening
from tests.web.site import Caller, Site, opened

TEXT = "The museum opens at nine. It closes at five in winter."
QUESTION: Any = [
    {"role": "system", "content": "Answer in verse."},
    {"role": "user", "content": "Who are you?"},
    {"role": "assistant", "content": "Nobody."},
    {"role": "user", "content": [{"type": "text", "text": "When does the museum open?"}]},
]


@pytest.fixture(scope="module")
def url(site: Site) -> Iterator[str]:
    """Where the site listens."""
    with listening(site.app) as address:
        yield f"{address}/v1"


@pytest.fixture(scope="module")
def model(site: Site) -> str:
    """A collection with a document, as the protocol names it."""
    collection = site.store.collections.create(f"Museum / {uuid4().hex} ü")
    site.document(collection.id, TEXT)
    site.read_everything()
    return f"archivar/{collection.name}"


def _key(site: Site, model: str | None = None) -> str:
    user = site.user()
    if model is not None:
        collection = site.store.collections.by_name(model.removeprefix("archivar/"))
        site.store.collections.set_member(collection.id, user.id, CollectionRole.READER)
    return site.store.people.issue(user.id, Credential.API_KEY)


@pytest.fixture(scope="module")
def key(site: Site, model: str) -> str:
    """The key of someone who may read the collection."""
    return _key(site, model)


@pytest.fixture
def client(url: str, key: str) -> openai.OpenAI:
    """Their client."""
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0)


def test_collections_are_models_of_those_who_may_read_them(
    site: Site, url: str, client: openai.OpenAI, model: str
) -> None:
    assert [one.id for one in client.models.list()] == ["archivar", model]
    stranger = openai.OpenAI(base_url=url, api_key=_key(site), max_retries=0)
    assert [one.id for one in stranger.models.list()] == ["archivar"]


@pytest.mark.parametrize("everything", [False, True])
def test_an_answer_with_its_citations(client: openai.OpenAI, model: str, everything: bool) -> None:
    asked = "archivar" if everything else model

    reply = client.chat.completions.create(model=asked, messages=QUESTION, temperature=0.3, max_tokens=9)

    (choice,) = reply.choices
    assert (reply.object, reply.model, choice.finish_reason) == ("chat.completion", asked, "stop")
    assert (choice.message.content or "").startswith("Quoted from your documents:\nThe museum opens at nine. [1]")
    extra = reply.model_extra or {}
    assert extra["citations"][0]["quote"] == "The museum opens at nine."
    assert extra["archivar"]["sentences"][0]["verdict"] == "supported"


def test_a_stream_adds_up_to_the_same_answer(client: openai.OpenAI, model: str) -> None:
    whole = client.chat.completions.create(model=model, messages=QUESTION)

    parts = list(client.chat.completions.create(model=model, messages=QUESTION, stream=True))

    assert "".join(part.choices[0].delta.content or "" for part in parts) == whole.choices[0].message.content
    assert [part.choices[0].finish_reason for part in parts] == [None] * (len(parts) - 1) + ["stop"]
    assert (parts[-1].model_extra or {})["citations"] == (whole.model_extra or {})["citations"]
    assert len({part.id for part in parts}) == 1


def test_what_the_documents_do_not_say(client: openai.OpenAI, model: str) -> None:
    asked: Any = [{"role": "user", "content": "What is the boiling point of iron?"}]

    whole = client.chat.completions.create(model=model, messages=asked)
    parts = list(client.chat.completions.create(model=model, messages=asked, stream=True))

    assert whole.choices[0].message.content == "Not found in your documents."
    assert "".join(part.choices[0].delta.content or "" for part in parts) == "Not found in your documents."


def test_errors_are_those_that_clients_know(site: Site, url: str, client: openai.OpenAI, model: str) -> None:
    create = client.chat.completions.create
    with pytest.raises(openai.NotFoundError) as unknown:
        create(model="archivar/no such collection", messages=QUESTION)
    assert unknown.value.code == "not_found"
    stranger = openai.OpenAI(base_url=url, api_key=_key(site), max_retries=0)
    with pytest.raises(openai.NotFoundError) as foreign:
        stranger.chat.completions.create(model=model, messages=QUESTION)
    assert foreign.value.body == unknown.value.body
    for strange in ("gpt-4", "archivar/", "archivar/\0", "archivar/a/b\nü", "ARCHIVAR", ""):
        with pytest.raises(openai.NotFoundError):
            create(model=strange, messages=QUESTION)
    with pytest.raises(openai.BadRequestError, match="no question"):
        create(model=model, messages=[{"role": "user", "content": " \0 "}])
    with pytest.raises(openai.BadRequestError, match="no question"):
        create(model=model, messages=[{"role": "system", "content": "Hello"}])
    with pytest.raises(openai.BadRequestError, match="at most"):
        create(model=model, messages=[{"role": "user", "content": "x" * 1000}])
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=url, api_key="wrong", max_retries=0).models.list()


def test_every_refusal_has_the_form_of_the_protocol(site: Site, key: str) -> None:
    caller, complete = Caller(site.app, site.settings, key=key), "/v1/chat/completions"
    good: Any = {"model": "archivar", "messages": QUESTION}
    wrong: Any = [[], {}, "null", {**good, "messages": "x"}, {**good, "messages": []}, {**good, "stream": "yes"}]
    wrong += [{**good, "messages": [{"role": 5, "content": "x"}]}, {**good, "messages": [{"role": "user"}] * 1001}]
    replies = [(400, caller.post(complete, json=body)) for body in wrong]
    json: Any = {"content_type": "application/json"}
    replies += [(400, caller.post(complete, data=data, **json)) for data in (b"{", b'{"model": "\\ud800"}', b"\xff")]
    replies += [(413, caller.post(complete, data=b" " * (1024 * 1024 + 1), **json))]
    replies += [(415, caller.post(complete, data="x", content_type="text/plain"))]
    replies += [(405, caller.get(complete)), (404, caller.get("/v1/engines")), (404, caller.get("/v1/models/x"))]
    replies += [(401, site.anonymous.get("/v1/models"))]

    for status, reply in replies:
        assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), reply.text
        assert reply.json is not None and reply.json["error"]["message"] == reply.json["detail"]
    assert caller.post(complete, json={**good, "stream": None}).status_code == 200


def test_langchain_asks_and_streams(url: str, key: str, model: str) -> None:
    chat = ChatOpenAI(base_url=url, api_key=key, model=model, max_retries=0)  # type: ignore[arg-type]

    answer = chat.invoke("When does the museum open?")
    streamed = "".join(str(part.content) for part in chat.stream("When does the museum open?"))

    assert "The museum opens at nine. [1]" in answer.content
    assert streamed == answer.content


@pytest.fixture(scope="module")
def without_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and key of a site whose language model is away."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens here
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with opened(tmp_path_factory.mktemp("away") / "data", llm_url=nowhere, llm_model="llama") as site:
            site.document(site.collection(), TEXT)
            site.read_everything()
            user = site.user()
            for collection in site.store.collections.ids():
                site.store.collections.set_member(collection, user.id, CollectionRole.READER)
            with listening(site.app) as address:
                yield f"{address}/v1", site.store.people.issue(user.id, Credential.API_KEY)


def test_a_model_that_is_away_is_an_error_not_an_answer(without_model: tuple[str, str]) -> None:
    url, key = without_model
    client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)

    with pytest.raises(openai.InternalServerError) as whole:
        client.chat.completions.create(model="archivar", messages=QUESTION)
    assert (whole.value.status_code, whole.value.code) == (503, "model_unavailable")
    with pytest.raises(openai.APIError) as streamed:
        list(client.chat.completions.create(model="archivar", messages=QUESTION, stream=True))
    assert streamed.value.code == "model_unavailable"
