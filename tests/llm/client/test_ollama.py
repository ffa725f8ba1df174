"""Ollama's own wire format: what it is asked, what it says, and how it fails."""

import pytest

from core.errors import ModelUnavailable
from core.settings import load_settings
from llm.client import DEFAULT_WINDOW, ModelClient
from llm.prompts import STOPS, as_text
from tests.llm import rude_server as rude
from tests.llm.client.stand_ins import MESSAGES, bodies, lines, raw, routed, told
from tests.llm.rude_server import Manner, served

NDJSON = "application/x-ndjson"
TAGS = {"models": [{"name": "llama3.1:latest", "model": "llama3.1:latest", "size": 1, "details": {"family": "llama"}}]}
SHOWN = {
    "modelfile": "FROM /models/blob\nTEMPLATE ...",
    "parameters": 'stop                           "<|eot_id|>"',
    "template": "{{ range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>{{ .Content }}{{ end }}",
    "details": {"family": "llama", "parameter_size": "8.0B", "quantization_level": "Q4_K_M"},
    "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
    "capabilities": ["completion", "tools"],
}


def _part(text: str, **more: object) -> dict[str, object]:
    message = {"role": "assistant", "content": text}
    return {"model": "llama3.1", "created_at": "2025-01-01T00:00:00Z", "message": message, "done": False, **more}


END = _part("", done=True, done_reason="stop", total_duration=5, eval_count=2)
SAID = lines(_part("Three "), _part("months."), END)


def ollama(answer: Manner, shown: object = SHOWN) -> Manner:
    return routed(
        {
            "GET /api/tags": told(TAGS),
            "POST /api/show": told(shown),
            "POST /api/chat": answer,
            "POST /api/generate": answer,
        }
    )


def client(url: str, **settings: object) -> ModelClient:
    root = url.removesuffix("/v1")
    return ModelClient(load_settings(**{"llm_url": root, "llm_model": "ollama:llama3.1", **settings}))


def test_an_answer_comes_line_by_line() -> None:
    with served(ollama(raw(SAID, NDJSON))) as server:
        asking = client(server.url, llm_api_key="sesame")
        assert list(asking.stream(MESSAGES, 64)) == ["Three ", "months."]
        assert (asking.name, asking.state(), asking.window) == ("llama3.1", "ok", DEFAULT_WINDOW)

    assert bodies(server, "/api/chat") == [
        {
            "model": "llama3.1",
            "stream": True,
            "options": {"temperature": 0, "num_ctx": DEFAULT_WINDOW, "num_predict": 64},
            "messages": MESSAGES,
        }
    ]
    assert "authorization: bearer sesame" in server.requests[0].lower()
    # What a model is like is asked once.
    assert bodies(server, "/api/show") == [{"model": "llama3.1"}]


def test_without_a_name_the_first_model_answers() -> None:
    with served(ollama(raw(SAID, NDJSON))) as server:
        asking = client(server.url, llm_model="ollama:")
        assert list(asking.stream(MESSAGES, 64)) == ["Three ", "months."]
        assert asking.name == "llama3.1:latest"


@pytest.mark.parametrize(
    ("settings", "shown", "window"),
    [
        ({"llm_window": 65536}, SHOWN, 65536),
        ({}, {**SHOWN, "parameters": "num_ctx                        16384\ntemperature 1"}, 16384),
        ({}, {**SHOWN, "model_info": {"llama.context_length": 4096}}, 4096),
        ({}, {"template": ""}, DEFAULT_WINDOW),
    ],
)
def test_the_window_is_that_of_the_request(settings: dict[str, object], shown: object, window: int) -> None:
    with served(ollama(raw(SAID, NDJSON), shown)) as server:
        asking = client(server.url, **settings)
        assert asking.window == window
        list(asking.stream(MESSAGES, 64))

    assert bodies(server, "/api/chat")[0]["options"]["num_ctx"] == window


def test_a_base_model_goes_on_with_a_text() -> None:
    said = lines(
        {"response": " Three"}, {"response": " months."}, {"response": "", "done": True, "done_reason": "stop"}
    )
    with served(ollama(raw(said, NDJSON), {**SHOWN, "template": "{{ .Prompt }}"})) as server:
        assert list(client(server.url).stream(MESSAGES, 64)) == [" Three", " months."]

    (asked,) = bodies(server, "/api/generate")
    assert (asked["raw"], asked["prompt"], asked["options"]["stop"]) == (True, as_text(MESSAGES), list(STOPS))


def test_a_template_without_system_gets_its_text_in_the_question() -> None:
    with served(ollama(raw(SAID, NDJSON), {**SHOWN, "template": "[INST] {{ .Prompt }} [/INST]"})) as server:
        list(client(server.url).stream(MESSAGES, 64))

    assert bodies(server, "/api/chat")[0]["messages"] == [{"role": "user", "content": "Answer.\n\nHow long?"}]


def test_thinking_is_switched_off_or_passed_over() -> None:
    thought = _part("", message={"role": "assistant", "content": "", "thinking": "Hm."})
    said = lines(thought, _part("<think>So"), _part(", well.</think>\n\n"), _part("Three"), END)
    with served(ollama(raw(said, NDJSON), {**SHOWN, "capabilities": ["completion", "thinking"]})) as server:
        assert list(client(server.url).stream(MESSAGES, 64)) == ["Three"]

    assert bodies(server, "/api/chat")[0]["think"] is False


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("broke off", raw(lines(_part("Three")), NDJSON)),
        ("broke off", raw(lines(_part("Three"), _part("", done=True, done_reason="load")), NDJSON)),
        ("reported an error", raw(lines(_part("Three"), {"error": "an error was encountered"}), NDJSON)),
        ("not an answer", raw(b'{"message": \n', NDJSON)),
        ("not an answer", raw(b'{"message": {"content": "\xff"}}\n', NDJSON)),
        ("not an answer", raw(b'[1]\n{"done": 1}\n', NDJSON)),
        ("not an answer", raw(b'"' + b"x" * 10_000_000 + b'"\n', NDJSON)),
        ("empty answer", raw(lines(END), NDJSON)),
        ("does not know", rude.replying(404, b'{"error": "model not found"}')),
        ("status 500", rude.replying(500, b'{"error": "llama runner process has terminated"}')),
    ],
)
def test_what_is_no_answer_is_said(message: str, answer: Manner) -> None:
    with served(ollama(answer)) as server, pytest.raises(ModelUnavailable) as caught:
        list(client(server.url).stream(MESSAGES, 64))

    assert message in caught.value.message


def test_a_model_that_was_not_pulled_is_named() -> None:
    with served(ollama(raw(SAID, NDJSON))) as server:
        assert "does not offer the model mistral" in client(server.url, llm_model="ollama:mistral").state()


def test_one_setting_is_enough() -> None:
    settings = load_settings(llm_model="ollama:llama3.1:8b")

    assert (settings.llm_base, settings.llm_name) == ("http://127.0.0.1:11434", "llama3.1:8b")
    assert load_settings(llm_model="llama3.1").llm_base == ""
