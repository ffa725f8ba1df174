"""Answers written by a real Llama, tiny as it is, on the real server: streamed, cited, verified. And its death."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.settings import Settings, load_settings
from core.values import OPERATOR, AnswerStatus, Verdict
from llm import prompts
from llm.client import ModelClient
from llm.events import Finished, Replaced, SentenceChecked
from llm.services import Services
from tests.llm_server import Making, ServedLlama
from tests.retrieval.conftest import Publish

QUESTION = "How long is the notice period?"
ANSWER = "The notice period is three months."
LONG = (
    "The notice period is three months and begins on the first day of a month after the letter was sent to the "
    "landlord or to the company that keeps the building, unless both parties write in a new contract that it may be "
    "short, long, free of cost, due each week, paid from an account at some bank, or need no form before next year."
)


@pytest.fixture
def settings(settings: Settings, served_llama: ServedLlama) -> Settings:
    """Settings that name the served Llama."""
    return load_settings(
        data=settings.data, llm_url=served_llama.url, llm_model=served_llama.model, llm_silent_seconds=20
    )


@pytest.fixture
def lease(publish_text: Publish) -> str:
    return publish_text("lease.txt", f"{ANSWER} It begins on the first day of a month.", "The roof is old.").id


def test_an_answer_is_streamed_cited_and_verified(services: Services, served_llama: ServedLlama, lease: str) -> None:
    *events, last = services.assistant.events(OPERATOR, QUESTION)

    assert [type(event) for event in events] == [SentenceChecked]
    assert isinstance(last, Finished)
    answer = last.answer
    assert (answer.status, answer.model) == (AnswerStatus.ANSWERED, Path(served_llama.model).name)
    (sentence,) = answer.sentences
    assert (sentence.text, sentence.verdict, sentence.citations) == (ANSWER, Verdict.SUPPORTED, (1,))
    (citation,) = answer.citations
    assert (citation.document_id, citation.page, citation.quote) == (lease, 1, ANSWER)
    assert answer.answer == f"{ANSWER} [1]"


def test_it_is_ready_and_counted_with_its_own_tokenizer(settings: Settings, served_llama: ServedLlama) -> None:
    client = ModelClient(settings)

    assert client.state() == "ok"
    assert client.window == 1024
    messages = [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": LONG}]
    assert (
        _prompt_tokens(served_llama, messages) <= client.count(messages) <= _prompt_tokens(served_llama, messages) + 72
    )


def _prompt_tokens(server: ServedLlama, messages: object) -> int:
    body = json.dumps({"model": server.model, "messages": messages, "max_tokens": 1, "temperature": 0})
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    tokens: int = json.loads(connection.getresponse().read())["usage"]["prompt_tokens"]
    connection.close()
    return tokens


def test_killed_in_the_middle_nothing_half_is_kept(
    services: Services, publish_text: Publish, served_llama: ServedLlama
) -> None:
    publish_text("lease.txt", LONG)
    events = services.assistant.events(OPERATOR, QUESTION)
    with served_llama.crawling():
        first = next(events)
    assert isinstance(first, SentenceChecked)
    served_llama.kill()

    *rest, last = events

    assert any(isinstance(event, Replaced) for event in rest)
    assert isinstance(last, Finished)
    assert last.answer.status is AnswerStatus.UNAVAILABLE
    assert last.answer.sentences == ()
    assert [citation.filename for citation in last.answer.citations] == ["lease.txt"]
    assert services.store.answers.get(last.answer.id, user_id=None)["sentences"] == []

    # Once it is gone, the next question says so at once; once it is back, it is answered.
    assert services.assistant.answer(OPERATOR, QUESTION).status is AnswerStatus.UNAVAILABLE
    served_llama.start()
    answered = services.assistant.answer(OPERATOR, QUESTION)
    assert [sentence.verdict for sentence in answered.sentences] == [Verdict.SUPPORTED] * 2
    assert " ".join(sentence.text for sentence in answered.sentences) == LONG


@pytest.fixture
def babbling(tiny_llama: Making, forks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedLlama]:
    """A served Llama of random weights."""
    server = ServedLlama(forks, tiny_llama(False), tmp_path_factory.mktemp("babbling") / "serve.log")
    server.start()
    yield server
    server.kill()


def test_garbage_is_marked_and_breaks_nothing(settings: Settings, publish_text: Publish, babbling: ServedLlama) -> None:
    publish_text("lease.txt", ANSWER)
    changed = settings.model_copy(update={"llm_url": babbling.url, "llm_model": "", "llm_answer_tokens": 100})
    services = Services(changed)

    answer = services.assistant.answer(OPERATOR, QUESTION)
    services.close()

    assert answer.status in set(AnswerStatus) - {AnswerStatus.BLOCKED}
    assert Verdict.SUPPORTED not in {sentence.verdict for sentence in answer.sentences}
