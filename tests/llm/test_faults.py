"""A server that misbehaves on purpose: every fault ends typed and in time, is tried again once, opens the breaker."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ModelUnavailable
from core.settings import load_settings
from core.values import OPERATOR, AnswerStatus
from llm.breaker import State
from llm.client import ModelClient
from llm.services import Services
from tests.llm import rude_server as rude
from tests.llm.client.stand_ins import MESSAGES
from tests.llm.rude_server import DONE, Manner, said, served
from tests.processes import eventually
from tests.retrieval.conftest import Publish

RIGHT = rude.streaming(said("Three"), said(end="stop"), DONE)
FAULTS: tuple[Manner, ...] = (
    rude.replying(500, b'{"error": "x"}'),
    rude.replying(429, b"{}", "Retry-After: 30"),
    rude.hang,
    rude.streaming(said("Three "), then=rude.hang),
    rude.streaming(then=rude.for_ever(said("so "), 0.05)),
    rude.streaming(said("Three "), then=rude.reset),
    rude.reset,
    rude.streaming(b"data: {not json}\n\n"),
    rude.streaming(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'),
    rude.replying(200, b""),
    rude.streaming(b"data: " + b"x" * 10_000_000),
    rude.replying(200, b"x" * 10_000_000, "Content-Type: application/json"),
    rude.replying(200, b"<html></html>", "Content-Type: text/html"),
    rude.replying(302, b"", "Location: http://127.0.0.1:9/"),
)


def client(url: str, **settings: object) -> ModelClient:
    quick = {"llm_model": "m", "llm_seconds": 1.0, "llm_silent_seconds": 0.2}
    return ModelClient(load_settings(**{"llm_url": url, **quick, **settings}))


def trouble(asking: ModelClient) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        list(asking.stream(MESSAGES, 64))
    return caught.value


def then(*manners: Manner) -> Manner:
    """One manner after the other, the last for all that follow."""
    left = list(manners)

    def manner(connection: socket.socket, request: str) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection, request)

    return manner


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
@pytest.mark.timeout(90)
def test_fifty_faults_leave_no_thread_and_no_socket() -> None:
    form = ("chat", "completion")
    fault = FAULTS[0]

    def misbehave(connection: socket.socket, request: str) -> None:
        fault(connection, request)

    with served(misbehave) as server:
        trouble(client(server.url))  # what is loaded with the first one stays
        threads, files = threading.active_count(), _open_files()
        longest = 0.0
        for number in range(50):
            fault = FAULTS[number % len(FAULTS)]
            began = time.monotonic()
            assert trouble(client(server.url, llm_form=form[number // len(FAULTS) % 2])).message
            longest = max(longest, time.monotonic() - began)

        eventually(lambda: server.open == 0)
        eventually(lambda: threading.active_count() <= threads)
        eventually(lambda: _open_files() <= files)
    assert longest < 5.0


@pytest.mark.parametrize("fault", [rude.reset, rude.replying(500, b"{}"), rude.replying(503, b"", "Retry-After: 0")])
def test_a_failure_before_the_first_word_is_tried_again_once(fault: Manner) -> None:
    with served(then(fault, RIGHT)) as server:
        asking = client(server.url, llm_seconds=5.0)
        assert list(asking.stream(MESSAGES, 64)) == ["Three"]
        assert len(server.requests) == 2
    with served(fault) as server:
        trouble(client(server.url, llm_seconds=5.0))
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (rude.streaming(said("Three "), then=rude.reset), 5.0),  # a word was shown
        (rude.hang, 5.0),
        (rude.replying(400, b"{}"), 5.0),
        (rude.replying(429, b"", "Retry-After: 30"), 5.0),
        (rude.reset, 1.0),  # no time is left
    ],
)
def test_what_would_not_go_better_is_not_tried_again(fault: Manner, seconds: float) -> None:
    with served(fault) as server:
        trouble(client(server.url, llm_seconds=seconds))
        assert len(server.requests) == 1


@pytest.mark.parametrize(("told", "after"), [("7", 7), ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("soon", None)])
def test_people_are_told_when_to_ask_again(told: str, after: int | None) -> None:
    with served(rude.replying(429, b"", f"Retry-After: {told}")) as server:
        assert trouble(client(server.url)).retry_after == after


def test_after_some_failures_nobody_waits_for_more_until_it_is_well() -> None:
    with served(then(*[rude.hang] * 3, RIGHT)) as server:
        asking = client(server.url)
        for _ in range(3):
            trouble(asking)
        assert asking.report().breaker is State.OPEN
        assert asking.state().startswith("left alone after 3 failures in a row")
        refused = [trouble(asking) for _ in range(20)]
        assert {one.retry_after for one in refused} <= {1, 2}
        assert len(server.requests) == 3

        eventually(lambda: asking.report().breaker is State.TRYING)
        assert list(asking.stream(MESSAGES, 64)) == ["Three"]
        assert asking.report().breaker is State.CLOSED
        assert asking.report().outcomes == {"slow": 3, "answered": 1}


def test_a_question_that_is_refused_says_nothing_about_the_server() -> None:
    with served(rude.replying(400, b'{"error": {"message": "too long"}}')) as server:
        asking = client(server.url, llm_failures=1)
        for _ in range(3):
            trouble(asking)
        assert asking.report().breaker is State.CLOSED


@pytest.fixture
def broken() -> Iterator[str]:
    """A server that breaks off in the middle of its second sentence."""
    sentences = said("The notice period is three months. [1] The"), said(" roof is")
    with served(rude.streaming(*sentences, then=rude.reset)) as server:
        yield server.url


def test_half_an_answer_is_not_stored(broken: str, services: Services, publish_text: Publish) -> None:
    publish_text("lease.txt", "The notice period is three months.")
    quick = {"llm_url": broken, "llm_model": "m", "llm_failures": 1, "llm_window": 4096}
    asked = Services(services.settings.model_copy(update=quick))
    answers = [asked.assistant.answer(OPERATOR, "How long is the notice period?") for _ in range(2)]
    stored = [asked.store.answers.get(answer.id, user_id=None) for answer in answers]
    asked.close()

    assert [answer.status for answer in answers] == [AnswerStatus.UNAVAILABLE] * 2
    assert "left alone" in answers[1].answer
    assert "roof" not in json.dumps(stored) and [one["sentences"] for one in stored] == [[], []]
    assert all(answer.citations for answer in answers)
