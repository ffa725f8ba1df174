"""`llm serve`: a real server, up and down with its command, and every way it refuses."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import main
from core.settings import ROOT, Settings, child_environment, load_settings
from llm.client import ModelClient
from tests.llm_server import Making
from tests.processes import alive, descendants, eventually

Serving = subprocess.Popen[str]


@pytest.fixture
def serving(settings: Settings, tiny_llama: Making) -> Iterator[Serving]:
    """`archivar llm serve` of the tiny Llama."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "archivar"), "llm", "serve", str(tiny_llama(False)), "--port", "0"],
        env={**child_environment(settings), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_it_serves_until_it_is_asked_to_end(serving: Serving) -> None:
    said = _said_until(serving, "Ctrl-C")
    url, model = re.search(r"LLM_URL=(\S+)\s+export ARCHIVAR_LLM_MODEL=(\S+)", said).groups()  # type: ignore[union-attr]
    client = ModelClient(load_settings(llm_url=url, llm_model=model))
    children = list(descendants(serving.pid))

    assert "Main memory" in said
    assert client.state() == "ok"
    assert "".join(client.stream([{"role": "user", "content": "How long?"}], 8))

    serving.send_signal(signal.SIGINT)

    assert serving.wait(30) == 0
    assert children
    eventually(lambda: not any(map(alive, children)))


def test_the_server_dies_with_the_command(serving: Serving) -> None:
    _said_until(serving, "Serving with")
    eventually(lambda: any("transformers" in line for line in descendants(serving.pid).values()))
    children = list(descendants(serving.pid))

    os.kill(serving.pid, signal.SIGKILL)

    eventually(lambda: not any(map(alive, children)))


def test_a_server_that_cannot_start_is_explained(
    tiny_llama: Making, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in tiny_llama(False).iterdir():
        (broken / path.name).write_bytes(
            path.read_bytes()[:1000] if path.suffix == ".safetensors" else path.read_bytes()
        )

    status = main(["llm", "serve", str(broken), "--port", "0", "--data", str(settings.data)])

    said = capsys.readouterr()
    assert status == 1
    assert "ended with status" in said.err
    assert "safetensors" in said.err or "Error" in said.err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "MODEL"),
        (["org/absent"], 1, "downloads nothing"),
        (["org/absent", "--engine", "ollama"], 2, "ollama"),
        (["org/absent", "--port", "70000"], 2, "70000"),
    ],
)
def test_it_says_what_is_wrong(
    arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["llm", "serve", *arguments]) == status
    assert message in capsys.readouterr().err


def test_a_taken_port_is_said(tiny_llama: Making, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["llm", "serve", str(tiny_llama(False)), "--port", str(port)]) == 1

    assert "--port" in capsys.readouterr().err


def _said_until(process: Serving, word: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    raise AssertionError(said)
