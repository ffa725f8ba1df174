"""Whatever the model's server does, its words are said, or in time why there are none, and nothing stays open."""

import gzip
import json
import socket
import threading
import time
from pathlib import Path

import pytest

from core.errors import ModelUnavailable, UnknownSetting
from core.settings import Settings, load_settings
from llm.client import DEFAULT_WINDOW, ModelClient
from tests.llm import rude_server as rude
from tests.llm.rude_server import DONE, said, served
from tests.processes import eventually, printed_by

MESSAGES = [{"role": "system", "content": "Answer."}, {"role": "user", "content": "How long?"}]


def client(url: str, **settings: object) -> ModelClient:
    return ModelClient(load_settings(llm_url=url, **{"llm_model": "m", **settings}))


def words(url: str, **settings: object) -> list[str]:
    return list(client(url, **settings).stream(MESSAGES, 64))


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def trouble(url: str, **settings: object) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        words(url, **settings)
    return caught.value.message


def test_an_answer_comes_in_pieces() -> None:
    pieces = (b": a comment\n\n", said("Three "), said("months."), said(end="stop"), DONE)
    with served(rude.streaming(*pieces)) as server:
        assert words(server.url, llm_api_key="sesame") == ["Three ", "months."]

    (request,) = server.requests
    head, _, body = request.partition("\r\n\r\n")
    asked = json.loads(body)
    assert head.startswith("POST /v1/chat/completions ")
    assert "authorization: bearer sesame" in head.lower()
    assert (asked["model"], asked["messages"], asked["temperature"], asked["stream"]) == ("m", MESSAGES, 0, True)
    assert asked["max_tokens"] == 64


def test_an_answer_cut_at_its_longest_is_one() -> None:
    with served(rude.streaming(said("Three"), said(end="length"), DONE)) as server:
        assert words(server.url) == ["Three"]


HTML = b"<html><body>It works!</body></html>"
BROKEN = (
    ("broke off", rude.streaming(said("Three "))),
    ("broke off", rude.streaming(said("Three "), DONE)),
    ("broke off", rude.streaming(said("Three "), then=rude.reset)),
    ("broke off", rude.reset),
    ("withheld", rude.streaming(said("Three "), said(end="content_filter"), DONE)),
    ("empty answer", rude.streaming(said(end="stop"), DONE)),
    ("empty answer", rude.streaming(said(" \n"), said(end="stop"), DONE)),
    ("not an answer", rude.replying(200, HTML, "Content-Type: text/html")),
    ("not an answer", rude.replying(200, b"")),
    ("not an answer", rude.streaming(said("Three "), b"data: {not json}\n\n")),
    ("not an answer", rude.streaming(said("Three "), b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n')),
    ("not an answer", rude.streaming(b"data: 5\n\n")),
    ("not an answer", rude.streaming(b'data: {"choices": [5]}\n\n')),
    ("not an answer", rude.streaming(b'data: {"choices": [{}]}\n\n')),
    ("not an answer", rude.streaming(b'data: {"choices": {"a": 1}}\n\n')),
    ("not an answer", rude.streaming(b"data: " + b"[" * 50_000 + b"\n\n")),
    ("reported an error", rude.streaming(b'data: {"error": {"message": "out of memory"}}\n\n')),
    ("status 500", rude.replying(500, b'{"error": "x"}')),
    ("status 503", rude.replying(503, HTML, "Content-Type: text/html")),
    ("too much to do", rude.replying(429, b'{"error": {"message": "slow down"}}')),
    ("key", rude.replying(401, b"{}")),
    ("does not know", rude.replying(404, b'{"error": {"message": "no such model"}}')),
    ("status 307", rude.replying(307, b"", "Location: http://127.0.0.1:9/v1/chat/completions")),
    ("broke off", rude.replying(200, gzip.compress(said("Three ")), "Content-Encoding: gzip")),
    ("broke off", lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")),
)


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
@pytest.mark.parametrize(("message", "manner"), BROKEN)
def test_what_is_no_answer_is_said(message: str, manner: rude.Manner) -> None:
    with served(manner) as server:
        assert message in trouble(server.url)
        eventually(lambda: server.open == 0)


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert "cannot be reached" in trouble(f"http://127.0.0.1:{port}/v1")


SLOW = (
    ("nothing is accepted", rude.hang),
    ("no word after the first", rude.streaming(said("Three "), then=rude.hang)),
    ("comments for ever", rude.streaming(then=rude.for_ever(b": wait\n\n", 0.05))),
    ("empty pieces for ever", rude.streaming(then=rude.for_ever(said(), 0.05))),
    ("a head for ever", lambda c, r: (c.sendall(b"HTTP/1.1 200 OK\r\n"), rude.for_ever(b"X-A: b\r\n", 0.05)(c, r))),
    ("single bytes for ever", rude.streaming(then=rude.for_ever(b"d", 0.05))),
    ("a word now and then", rude.streaming(then=rude.for_ever(said("so "), 0.1))),
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("manner", [pytest.param(manner, id=name) for name, manner in SLOW])
def test_nothing_stretches_the_deadline(manner: rude.Manner) -> None:
    threads = threading.active_count()
    with served(manner) as server:
        message = trouble(server.url, llm_seconds=1.0, llm_silent_seconds=0.4)
        eventually(lambda: server.open == 0)
        eventually(lambda: threading.active_count() <= threads + 1)

    assert "took too long" in message


def test_a_flood_is_cut_off() -> None:
    sent = 0

    def flood(connection: socket.socket, _request: str) -> None:
        nonlocal sent
        while sent < 10_000_000:
            sent += connection.send(said("ja " * 10_000))

    with served(rude.streaming(then=flood)) as server:
        assert "not an answer" in trouble(server.url)
        eventually(lambda: server.open == 0)

    assert sent < 5_000_000


def test_one_event_cannot_hold_more_than_was_asked_for() -> None:
    with served(rude.streaming(said("Ja. " * 20_000), said(end="stop"), DONE)) as server:
        assert "not an answer" in trouble(server.url)


def test_an_address_that_is_none_is_said() -> None:
    assert "cannot be reached" in trouble("http://ü..example/v1")


@pytest.mark.parametrize("status", [200, 400, 500])
def test_the_log_repeats_nothing_of_what_the_server_says(status: int, caplog: pytest.LogCaptureFixture) -> None:
    echo = b'data: {"error": {"message": "How long?\\n\\u001b[31m"}}\n\n'
    with served(rude.replying(status, echo, "Content-Type: text/event-stream")) as server:
        trouble(server.url)
        assert server.url in caplog.text

    assert "How long" not in caplog.text
    assert "\x1b" not in caplog.text


@pytest.mark.timeout(20)
def test_a_server_that_takes_the_prompt_byte_by_byte_is_left() -> None:
    taken = 0

    def sip(connection: socket.socket, _request: str) -> None:
        nonlocal taken
        while data := connection.recv(128 * 1024):
            taken += len(data)
            time.sleep(0.02)

    with served(sip, at_once=True) as server:
        with pytest.raises(ModelUnavailable, match="too long"):
            list(client(server.url, llm_seconds=1.0).stream([{"role": "user", "content": "x" * 20_000_000}], 64))
        eventually(lambda: server.open == 0)

    assert taken < 15_000_000


def test_whoever_stops_listening_hangs_up() -> None:
    files = _open_files()
    with served(rude.streaming(said("Three "), then=rude.hang)) as server:
        pieces = client(
            server.url,
        ).stream(MESSAGES, 64)
        assert next(pieces) == "Three "
        assert server.open == 1
        pieces.close()
        eventually(lambda: server.open == 0)

    eventually(lambda: _open_files() <= files)


def test_prompts_go_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(rude.replying(200, b"{}")) as trap:
        for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        for name in ("LANGSMITH_ENDPOINT", "HTTP_PROXY", "http_proxy", "OPENAI_PROXY", "OPENAI_BASE_URL"):
            monkeypatch.setenv(name, trap.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "k")
        with served(rude.streaming(said("Three"), said(end="stop"), DONE)) as server:
            assert words(server.url) == ["Three"]

    assert trap.requests == []


LISTED = json.dumps({"data": [{"id": "first", "max_model_len": 4096}, {"id": "m"}]}).encode()


def test_the_server_names_its_model() -> None:
    with served(rude.replying(200, LISTED)) as server:
        asking = client(server.url, llm_model="")
        assert (asking.name, asking.window, asking.state()) == ("first", 4096, "ok")
        assert len(server.requests) == 2  # the list for name and window, and the state
        assert client(server.url, llm_window=2048).window == 2048
        assert client(server.url).window == DEFAULT_WINDOW
        assert "does not offer the model other" in client(server.url, llm_model="other").state()


def test_after_trouble_the_model_is_asked_for_again() -> None:
    names = iter(["old", "new"])

    def manner(connection: socket.socket, request: str) -> None:
        if request.startswith("GET"):
            body = json.dumps({"data": [{"id": next(names)}]}).encode()
            rude.replying(200, body)(connection, request)
        elif '"old"' in request:
            rude.replying(404, b"{}")(connection, request)
        else:
            rude.streaming(said("Three"), said(end="stop"), DONE)(connection, request)

    with served(manner) as server:
        asking = client(server.url, llm_model="")
        with pytest.raises(ModelUnavailable):
            list(asking.stream(MESSAGES, 64))
        assert list(asking.stream(MESSAGES, 64)) == ["Three"]


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data": [1]}', b'{"data": {}}', HTML, b"\xff", b'{"data": []}'])
def test_a_strange_list_is_trouble_and_not_more(body: bytes) -> None:
    with served(rude.replying(200, body)) as server:
        asking = client(server.url, llm_model="")
        assert (asking.name, asking.window) == ("unknown", DEFAULT_WINDOW)
        assert asking.state() not in {"", "ok"}
        with pytest.raises(ModelUnavailable):
            next(asking.stream(MESSAGES, 64))


def test_the_state_is_asked_for_once_in_a_while_and_soon_known() -> None:
    with served(rude.hang) as server:
        asking = client(server.url)
        states = [asking.state() for _ in range(20)]

    assert set(states) == {"The language model took too long to answer. Ask again, or later."}
    assert len(server.requests) == 1


def test_the_server_counts_tokens() -> None:
    with served(rude.replying(200, b'{"count": 17, "max_model_len": 4096}')) as server:
        assert client(server.url).count(MESSAGES) == 17

    head, _, body = server.requests[0].partition("\r\n\r\n")
    assert head.startswith("POST /tokenize ")
    assert json.loads(body)["messages"] == MESSAGES


def test_a_server_that_cannot_count_is_asked_once() -> None:
    with served(rude.replying(404, b"{}")) as server:
        asking = client(server.url)
        counts = {asking.count(MESSAGES) for _ in range(5)}

    assert len(server.requests) == 1
    assert len(counts) == 1
    assert counts.pop() > 10


def test_a_tokenizer_that_is_not_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_LLM_TOKENIZER"):
        client("http://127.0.0.1:9/v1", llm_tokenizer=str(tmp_path))


def test_the_client_alone_loads_no_langchain(settings: Settings) -> None:
    program = (
        "import sys; from core.settings import load_settings; from llm.client import ModelClient\n"
        "ModelClient(load_settings(llm_url='http://127.0.0.1:9/v1', llm_model='m')).state()\n"
        "print(sorted({'langchain', 'langchain_core', 'openai', 'torch', 'transformers'} & set(sys.modules)))"
    )

    assert printed_by(program, settings) == "[]"
