"""What OpenAI-compatible servers do differently, each as its own wire format has it."""

from collections.abc import Mapping
from contextlib import nullcontext

import pytest

from core.errors import ModelUnavailable, UnknownSetting
from core.settings import load_settings
from llm.client import DEFAULT_WINDOW, ModelClient
from llm.prompts import STOPS, as_text
from tests.llm import rude_server as rude
from tests.llm.client.stand_ins import MESSAGES, bodies, chunk, events, raw, routed, told
from tests.llm.rude_server import DONE, Manner, said, served

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
SAID = raw(events(chunk({"role": "assistant", "content": ""}), chunk({"content": "Three"}), chunk({}, "stop")))


def client(url: str, **settings: object) -> ModelClient:
    return ModelClient(load_settings(**{"llm_url": url, "llm_model": "m", **settings}))


# What each server lists, tells beside its list, and streams; and the window that follows.
SERVERS: Mapping[str, tuple[Mapping[str, object], bytes, int]] = {
    "vLLM": (
        {"/v1/models": {"object": "list", "data": [{"id": "m", "owned_by": "vllm", "max_model_len": 32768}]}},
        events(
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Three"}),
            chunk({"content": ""}, "stop", stop_reason=None),
            {"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": USAGE},
        ),
        32768,
    ),
    "llama.cpp": (
        {
            "/v1/models": {"models": [], "data": [{"id": "m", "meta": {"n_vocab": 128256, "n_ctx_train": 131072}}]},
            "/props": {"default_generation_settings": {"id": 0, "n_ctx": 16384}, "total_slots": 1},
        },
        events(
            chunk({"role": "assistant", "content": None}),
            chunk({"content": "Three"}),
            chunk({}, "stop", timings={"predicted_ms": 3.5}),
        ),
        16384,
    ),
    "Text Generation WebUI": (
        {"/v1/models": {"object": "list", "data": [{"id": "m"}]}},
        events(
            chunk({"role": "assistant", "content": ""}), chunk({"content": "Three"}), chunk({"content": ""}, "stop")
        ).replace(b"\n", b"\r\n"),
        DEFAULT_WINDOW,
    ),
    "TGI": (
        {"/info": {"model_id": "m", "max_total_tokens": 4096, "max_input_tokens": 4095}},
        # TGI writes no space, and ended without a last word for a long time.
        events(
            chunk({"role": "assistant", "content": "Three"}), chunk({"content": ""}, "eos_token"), space=b"", done=False
        ),
        4096,
    ),
    "Bedrock": (
        {},
        b": ping\n\nevent: chunk\n"
        + events(chunk({"content": "Three"}), chunk({}, "end_turn", usage=USAGE), done=False),
        DEFAULT_WINDOW,
    ),
    "Vertex AI": (
        {},
        events(chunk({"content": "Three", "role": "assistant"}), chunk({"content": ""}, "stop", usage=USAGE)),
        DEFAULT_WINDOW,
    ),
    "a gateway": (
        {"/v1/models": {"data": [{"id": "m", "context_length": 65536}]}},
        b": PROCESSING\n\n" + events(chunk({"content": [{"type": "text", "text": "Three"}]}), chunk({}, "length")),
        65536,
    ),
}


@pytest.mark.filterwarnings("ignore:Pydantic serializer")  # of LangChain, for content that comes in parts
@pytest.mark.parametrize("kind", SERVERS)
def test_each_server_is_understood(kind: str) -> None:
    told_there, stream, window = SERVERS[kind]
    manner = routed(
        {
            **{f"GET {path}": told(value) for path, value in told_there.items()},
            "POST /v1/chat/completions": raw(stream),
        }
    )
    with served(manner) as server:
        asking = client(server.url, llm_model="openai:m")
        assert list(asking.stream(MESSAGES, 64)) == ["Three"]
        assert (asking.window, asking.state()) == (window, "ok")

    (asked,) = bodies(server, "/v1/chat/completions")
    assert (asked["model"], asked["max_tokens"], asked["stream"]) == ("m", 64, True)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/openai/v1", "/openai/v1/chat/completions"),
        (
            "/v1/projects/p/locations/l/endpoints/openapi",
            "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
        ),
    ],
)
def test_addresses_are_taken_as_people_write_them(address: str, path: str) -> None:
    with served(routed({f"POST {path}": SAID})) as server:
        assert list(client(server.url.removesuffix("/v1") + address).stream(MESSAGES, 64)) == ["Three"]


@pytest.mark.parametrize("form", ["chat", "completion"])
def test_further_headers_go_along_and_may_replace_the_key(form: str) -> None:
    headers = '{"X-Team": "legal", "Authorization": "Basic abc"}'
    answer = SAID if form == "chat" else raw(events({"choices": [{"text": "Three", "finish_reason": "stop"}]}))
    with served(answer) as server:
        list(client(server.url, llm_headers=headers, llm_form=form).stream(MESSAGES, 64))

    head = server.requests[0].partition("\r\n\r\n")[0].lower()
    assert "x-team: legal" in head
    assert head.count("authorization:") == 1 and "authorization: basic abc" in head


@pytest.mark.parametrize(
    "text", ["sesame", "[1]", '{"X-A": 1}', '{"X A": "b"}', '{"X-A": "sesame\\n"}', '{"X-A": " b"}']
)
def test_headers_that_are_none_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_LLM_HEADERS") as caught:
        load_settings(llm_headers=text)

    assert "sesame" not in caught.value.message


COMPLETION = events(
    {"id": "c", "object": "text_completion", "choices": [{"index": 0, "text": " Three", "finish_reason": None}]},
    {"choices": [{"index": 0, "text": " months.", "finish_reason": "stop", "stop_reason": "\n\n"}]},
    {"choices": [], "usage": USAGE},
)


def test_a_base_model_goes_on_with_a_text() -> None:
    with served(routed({"POST /v1/completions": raw(COMPLETION), "POST /tokenize": told({"count": 7})})) as server:
        asking = client(server.url, llm_model="meta-llama/Llama-2-7b-hf")
        assert list(asking.stream(MESSAGES, 64)) == [" Three", " months."]
        assert (asking.count(MESSAGES), asking.window) == (7, 4096)

    (asked,) = bodies(server, "/v1/completions")
    assert (asked["prompt"], asked["max_tokens"], asked["stop"]) == (as_text(MESSAGES), 64, list(STOPS))
    assert bodies(server, "/tokenize")[0]["prompt"] == as_text(MESSAGES)


@pytest.mark.parametrize(
    ("refusal", "then"),
    [
        ("As of transformers v4.44, you must provide a chat template", "completion"),
        ("System role not supported", "folded"),
        ("Unsupported parameter: use 'max_completion_tokens' instead", "newer"),
    ],
)
def test_a_refusal_that_says_how_to_ask_is_heeded(refusal: str, then: str) -> None:
    with served(
        routed(
            {
                "POST /v1/chat/completions": rude.replying(400, b'{"message": "%s"}' % refusal.encode()),
                "POST /v1/completions": raw(COMPLETION),
            }
        )
    ) as server:
        asking = client(server.url)
        for _ in range(2):
            with nullcontext() if then == "completion" else pytest.raises(ModelUnavailable):
                list(asking.stream(MESSAGES, 64))

    chats = bodies(server, "/v1/chat/completions")
    if then == "completion":
        assert (len(chats), len(bodies(server, "/v1/completions"))) == (1, 2)
    elif then == "folded":
        assert chats[1]["messages"] == [{"role": "user", "content": "Answer.\n\nHow long?"}]
    else:
        assert (chats[1]["max_completion_tokens"], "max_tokens" in chats[1]) == (64, False)


def test_llama_cpp_counts_texts() -> None:
    with served(routed({"POST /tokenize": told({"tokens": [1, 2, 3]})})) as server:
        assert client(server.url).count(MESSAGES) == 3 + 48

    assert bodies(server, "/tokenize")[1] == {"content": as_text(MESSAGES)}


def test_thoughts_are_no_part_of_the_answer() -> None:
    pieces = ("<thi", "nk>The notice. It is long.", "</think>\n\nThree", " months.")
    with served(rude.streaming(*map(said, pieces), said(end="stop"), DONE)) as server:
        assert "".join(client(server.url).stream(MESSAGES, 64)) == "Three months."
    with served(rude.streaming(said("<think>For ever"), said(end="length"), DONE)) as server:
        with pytest.raises(ModelUnavailable, match="empty"):
            list(client(server.url).stream(MESSAGES, 64))


COMPLETION_FAULTS: tuple[tuple[str, Manner], ...] = (
    ("broke off", raw(COMPLETION.partition(b"\n\n")[0] + b"\n\n")),
    ("reported an error", raw(events({"error": {"message": "out of memory"}}))),
    ("not an answer", raw(b"data: {not json}\n\n")),
    ("not an answer", raw(b"data: 5\n\n")),
    ("withheld", raw(events({"choices": [{"text": "Three", "finish_reason": "content_filter"}]}))),
    ("status 307", rude.replying(307, b"", "Location: http://127.0.0.1:9/v1/completions")),
    ("not an answer", rude.replying(200, b"<html></html>", "Content-Type: text/html")),
    ("not an answer", rude.replying(200, b"")),
)


@pytest.mark.parametrize(("message", "manner"), COMPLETION_FAULTS)
def test_a_completion_that_is_no_answer_is_said(message: str, manner: Manner) -> None:
    with served(manner) as server, pytest.raises(ModelUnavailable) as caught:
        list(client(server.url, llm_form="completion").stream(MESSAGES, 64))

    assert message in caught.value.message
