"""The child as a program: what it gives up, how it ends, how light it is."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT, Settings, child_environment

Process = subprocess.Popen[bytes]


@pytest.fixture
def child(settings: Settings) -> Iterator[Process]:
    """A child of this process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest.child", str(os.getpid()), "512"],
        cwd=ROOT,
        env=child_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        yield process
        process.kill()


def said(child: Process) -> dict[str, object]:
    """The next message of the child."""
    assert child.stdout is not None
    message = json.loads(child.stdout.readline())
    assert isinstance(message, dict)
    return message


def test_it_is_confined(child: Process) -> None:
    missing = said(child)["ready"]

    limits = Path(f"/proc/{child.pid}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)
    assert re.search(r"^Max file size +0 +0 ", limits, re.MULTILINE)
    assert re.search(rf"^Max address space +{512 * 1024 * 1024} ", limits, re.MULTILINE)
    if missing == {"missing": []}:
        assert Path(f"/proc/{child.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


def test_it_ends_with_its_input(child: Process) -> None:
    said(child)
    assert child.stdin is not None
    child.stdin.close()

    assert child.wait(10) == 0


def test_it_does_not_start_for_a_parent_that_is_gone(settings: Settings) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ingest.child", "1", "512"],
        cwd=ROOT,
        env=child_environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, b"")


@pytest.mark.parametrize("request_line", [b"nonsense\n", b"[]\n", b'{"do":"dance","seconds":1}\n', b"{}\n"])
def test_nonsense_gets_an_answer(request_line: bytes, child: Process) -> None:
    said(child)
    assert child.stdin is not None
    child.stdin.write(request_line)
    child.stdin.flush()

    assert "failed" in said(child)


def test_it_loads_nothing_heavy() -> None:
    program = "import sys, ingest.child as c; c.all_parsers(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True).stdout.split()

    assert not {b"torch", b"sqlalchemy", b"pydantic", b"numpy", b"core.settings"} & set(loaded)
