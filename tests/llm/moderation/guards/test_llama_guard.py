"""Llama Guard over real sockets: servers that answer well, otherwise, late or not at all."""

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.errors import UnknownSetting
from core.settings import Settings
from core.values import OPERATOR
from llm.moderation import Exchange
from llm.moderation.categories import Point
from llm.moderation.findings import GuardFault, Opinion
from llm.moderation.guarding import GuardCounts, Guarded, Silence
from llm.moderation.guards.llama_guard import LlamaGuard
from llm.moderation.guards.opening import open_guard
from llm.moderation.opening import open_moderator
from llm.moderation.policy import default_policy
from tests.llm.client.stand_ins import bodies, routed, told
from tests.llm.rude_server import Manner, RudeServer, hang, replying, reset, served
from tests.processes import free_port

MODEL = "meta-llama/Llama-Guard-3-8B"
COMPLETIONS, CHAT = "POST /v1/completions", "POST /v1/chat/completions"
QUESTION = "How long is the notice period?"


def said(text: str, **more: object) -> Manner:
    """Completes every prompt like this."""
    return told({"id": "c", "choices": [{"index": 0, "text": text, "finish_reason": "stop", **more}]})


def spoken(text: str) -> Manner:
    """Answers every conversation like this."""
    return told({"id": "c", "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]})


def guard_at(url: str, settings: Settings, *, model: str = MODEL, seconds: float = 5.0, **more: Any) -> LlamaGuard:
    """The guard that the settings name."""
    opened = open_guard(settings.model_copy(update={"guard": f"openai:{url}#{model}", **more}), lambda: seconds)
    assert isinstance(opened, LlamaGuard)
    return opened


def test_a_question_and_an_answer_are_judged(settings: Settings) -> None:
    scores = {"tokens": ["unsafe"], "top_logprobs": [{"unsafe": -0.01, "safe": -4.6}]}
    with served(routed({COMPLETIONS: said("\n\nunsafe\nS1,S10", logprobs=scores)})) as server:
        guard = guard_at(server.url, settings)
        asked, answered = guard.judge("How?", None), guard.judge("How?", "So.")

    assert asked.categories == answered.categories == ("S1", "S10")
    assert asked.score == pytest.approx(0.99, abs=0.001)
    first, second = bodies(server, "/v1/completions")
    assert (first["model"], first["temperature"]) == (MODEL, 0)
    assert "User: How?\n\n<END" in first["prompt"]
    assert "User: How?\n\nAgent: So.\n\n<END" in second["prompt"]
    assert guard.name == "Llama Guard 3 (meta-llama/Llama-Guard-3-8B)"


def test_the_second_generation_has_its_own_numbers(settings: Settings) -> None:
    with served(routed({COMPLETIONS: said("unsafe\nS10")})) as server:
        opinion = guard_at(server.url, settings, model="Meta-Llama-Guard-2-8B").judge("How?", None)

    assert opinion == Opinion(1.0, ("S11",))
    assert bodies(server, "/v1/completions")[0]["prompt"].startswith("[INST] ")


def test_its_key_is_its_own(settings: Settings) -> None:
    more: dict[str, Any] = {
        "guard_api_key": SecretStr("guard"),
        "llm_api_key": SecretStr("writer"),
        "llm_headers": SecretStr('{"X-Team": "legal"}'),
    }
    with served(said("safe")) as server:
        assert guard_at(server.url, settings, **more).judge("How?", None) == Opinion(0.0)

    assert "Authorization: Bearer guard\r\n" in server.requests[0]
    assert not re.search("writer|legal", server.requests[0])


def refusing_probabilities(connection: socket.socket, request: str) -> None:
    """Knows no probabilities."""
    wants = "logprobs" in json.loads(request.partition("\r\n\r\n")[2])
    (replying(422, b'{"detail": "Unexpected fields"}') if wants else said("safe"))(connection, request)


def test_a_server_without_probabilities_is_asked_for_none(settings: Settings) -> None:
    with served(routed({COMPLETIONS: refusing_probabilities})) as server:
        guard = guard_at(server.url, settings)
        assert [guard.judge("How?", None) for _ in range(2)] == [Opinion(0.0)] * 2

    assert ["logprobs" in body for body in bodies(server, "/v1/completions")] == [True, False, False]


def test_a_server_for_conversations_alone_has_the_template_itself(settings: Settings) -> None:
    with served(routed({CHAT: spoken("unsafe\nS2")})) as server:
        guard = guard_at(server.url, settings)
        assert guard.judge("How?", "So.\n\nUser: Hello.") == Opinion(1.0, ("S2",))
        before = len(server.requests)
        guard.judge("How?", None)

    first, second = bodies(server, "/v1/chat/completions")
    assert first["messages"] == [
        {"role": "user", "content": "How?"},
        {"role": "assistant", "content": "So.\n\n> User: Hello."},
    ]
    assert [one["role"] for one in second["messages"]] == ["user"]
    assert len(server.requests) == before + 1


def test_ollama_is_asked_in_conversations(settings: Settings) -> None:
    with served(routed({COMPLETIONS: said("safe"), CHAT: spoken("unsafe\nS2")})) as server:
        opinion = guard_at(server.url, settings, model="llama-guard3:1b").judge("How?", None)

    assert opinion.categories == ("S2",)
    assert bodies(server, "/v1/completions") == []


GARBAGE = (
    replying(200, b"<html>safe</html>", "Content-Type: text/html"),
    replying(200, b'"safe"'),
    told({"choices": []}),
    said("Sure! Here is how."),
    said("unsafe\nS99"),
    said("unsafe\nS1", finish_reason="length"),
)


@pytest.mark.parametrize(
    ("manner", "kind"),
    [
        *((manner, "unreadable") for manner in GARBAGE[2:]),
        *((manner, "garbage") for manner in GARBAGE[:2]),
        (replying(500, b"safe"), "failed"),
        (replying(503, b"safe"), "failed"),
        (replying(429, b"safe"), "busy"),
        (replying(401, b"safe"), "refused"),
        (replying(404, b'{"error": "no such model"}'), "refused"),
        (replying(302, b"", "Location: http://127.0.0.1:9/"), "refused"),
        (reset, "broken"),
    ],
)
def test_a_server_that_is_not_well_gives_no_opinion(manner: Manner, kind: str, settings: Settings) -> None:
    with served(manner) as server, pytest.raises(GuardFault) as caught:
        guard_at(server.url, settings).judge("Our secret plan", None)

    assert caught.value.kind == kind
    assert "secret" not in caught.value.message
    assert "language model" not in caught.value.message


def test_a_server_that_is_away_gives_no_opinion(settings: Settings) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"

    with pytest.raises(GuardFault, match="ARCHIVAR_GUARD") as caught:
        guard_at(url, settings).judge("How?", None)

    assert caught.value.kind == "unreachable"


def test_nobody_is_left_behind_with_a_slow_server(settings: Settings) -> None:
    with served(hang) as server:
        with pytest.raises(GuardFault) as caught:
            guard_at(server.url, settings, seconds=0.2).judge("How?", None)
        end = time.monotonic() + 10
        while server.open and time.monotonic() < end:
            time.sleep(0.01)

        assert caught.value.kind == "slow"
        assert server.open == 0


def test_after_failures_the_server_is_left_alone(settings: Settings) -> None:
    rules = default_policy().guard.model_copy(update={"timeout_seconds": 5.0, "failures": 2, "pause_seconds": 60.0})
    with served(replying(500, b"")) as server, closing(Guarded(guard_at(server.url, settings))) as guard:
        said = [guard.ask("How?", None, rules) for _ in range(4)]

    assert all(isinstance(one, Silence) for one in said)
    assert len(server.requests) == 2
    assert guard.counts == GuardCounts(asked=2, failed=2, skipped=2)
    assert guard.faults == {"failed": 2}


@contextmanager
def moderated(
    settings: Settings, folder: Path, server: RudeServer, policy: Mapping[str, object] | None = None
) -> Iterator[Any]:
    """The moderator of the settings with a guard there."""
    path = folder / "policy.toml"
    path.write_text("[guard]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in (policy or {}).items()))
    named = {"guard": f"openai:{server.url}#{MODEL}", "moderation_policy": str(path)}
    with closing(open_moderator(settings.model_copy(update=named))) as moderator:
        yield moderator


FAULTY = {
    "unreadable": said("maybe"),
    "failed": replying(500, b""),
    "refused": replying(400, b"{}"),
    "slow": hang,
}


@pytest.mark.parametrize("kind", FAULTY)
@pytest.mark.parametrize(
    ("modes", "question", "answer"),
    [
        ({}, "log", "block"),
        ({"question": "closed", "answer": "open"}, "block", "log"),
    ],
)
def test_without_its_opinion_the_policy_decides(
    kind: str, modes: dict[str, str], question: str, answer: str, settings: Settings, tmp_path: Path
) -> None:
    policy = {**modes, "timeout_seconds": 0.3 if kind == "slow" else 10.0}
    with served(FAULTY[kind]) as server, moderated(settings, tmp_path, server, policy) as moderator:
        watch = moderator.of(Exchange("exchange", OPERATOR))
        asked, answered = watch.question(QUESTION), watch.answer("Three months.")

        assert (asked.action, answered.action) == (question, answer)
        assert moderator.report().faults == {kind: 2}
        assert moderator.trouble.startswith("Guard: ")
        assert "in trouble" in moderator.state


def test_what_it_finds_the_policy_blocks(settings: Settings, tmp_path: Path) -> None:
    with (
        served(routed({COMPLETIONS: said("\n\nunsafe\nS9")})) as server,
        moderated(settings, tmp_path, server) as moderator,
    ):
        decision = moderator.question(QUESTION)

        assert decision.blocks
        assert "indiscriminate weapons" in decision.text
        assert moderator.trouble == ""
        assert moderator.state == f"with Llama Guard 3 ({MODEL})"
        assert moderator.judge(QUESTION, Point.QUESTION).decision.action == "allow"


def test_a_model_that_is_no_guard_is_refused(settings: Settings) -> None:
    for model in ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-Prompt-Guard-2-86M", "guard"):
        with pytest.raises(UnknownSetting, match="ARCHIVAR_GUARD"):
            guard_at("http://127.0.0.1:9/v1", settings, model=model)


def test_without_a_setting_there_is_none(settings: Settings) -> None:
    assert open_guard(settings, lambda: 1.0) is None
