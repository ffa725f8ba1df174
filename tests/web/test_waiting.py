"""What people and monitoring see of the model's server: who waits for whom, and that it is left alone when it fails."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.llm import rude_server as rude
from tests.llm.rude_server import DONE, said, served
from tests.processes import eventually
from tests.web.site import Caller, Site, opened

ASK = {"question": "How long is the notice period?", "stream": True}


class Slow:
    """A model that says the first word at once and the rest when it may; or breaks every connection."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.breaks = False

    def __call__(self, connection: socket.socket, request: str) -> None:
        """Answer a request."""
        if self.breaks:
            rude.reset(connection, request)
        elif "/chat/completions" not in request.split("\r\n", 1)[0]:
            rude.replying(200, b'{"data": [{"id": "m", "max_model_len": 4096}]}')(connection, request)
        else:
            rude.streaming(said("Three months. [1] "))(connection, request)
            self.may_end.wait(30)
            connection.sendall(said("Yes. [1]") + said(end="stop") + DONE)


@pytest.fixture
def model() -> Slow:
    return Slow()


@pytest.fixture
def busy(model: Slow, tmp_path: Path) -> Iterator[Site]:
    """A site whose model answers one question at a time."""
    with (
        served(model) as server,
        opened(tmp_path / "data", llm_url=server.url, llm_concurrency=1, llm_failures=1, llm_seconds=30) as site,
    ):
        site.document(site.collection(), "The notice period is three months.")
        site.read_everything()
        yield site
        model.may_end.set()


def _first_blocks(caller: Caller, stop: str) -> tuple[list[str], Iterator[bytes]]:
    reply = caller.post("/api/v1/answers", json=ASK, buffered=False)
    blocks, said_so_far = reply.iter_encoded(), []
    for block in blocks:
        said_so_far.append(block.decode())
        if stop in said_so_far[-1]:
            break
    return said_so_far, blocks


def test_whoever_waits_is_told_and_then_answered(busy: Site, model: Slow) -> None:
    admin = busy.admin
    # Streams are read in threads of their own, as the server does: a turn belongs to the thread that has it.
    first = threading.Thread(target=lambda: list(_first_blocks(admin, "event: done")[1]))
    first.start()
    eventually(lambda: "archivar_model_running 1.0" in admin.get("/metrics").text)

    seen, rest = _first_blocks(admin, ": waiting")
    assert seen[-1] == ": waiting, 0 ahead\n\n"
    assert 'archivar_model_waiting{priority="person"} 1.0' in admin.get("/metrics").text
    model.may_end.set()
    told = b"".join(rest).decode()
    first.join(30)

    assert told.count("event: sentence") == 2 and "event: done" in told
    text = admin.get("/metrics").text
    assert 'archivar_model_requests_total{outcome="answered"} 2.0' in text
    assert 'archivar_model_breaker{state="closed"} 1.0' in text


def test_a_model_that_is_left_alone_is_said_to_be_so(busy: Site, model: Slow) -> None:
    model.breaks = True
    admin = busy.admin
    assert "event: replace" in "".join(_first_blocks(admin, "event: replace")[0])

    ready = admin.get("/readyz").json
    assert ready is not None
    assert str(ready["model"]).startswith("left alone after 1 failure, tried again")
    text = admin.get("/metrics").text
    assert 'archivar_model_requests_total{outcome="broken"} 1.0' in text
    assert 'archivar_model_breaker{state="closed"} 0.0' in text
