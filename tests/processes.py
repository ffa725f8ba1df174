"""Looks at processes and waits for things to become true; for tests that start, kill and count them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.settings import ROOT, Settings, child_environment


def eventually(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Return as soon as it is true, fail when it never becomes so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.02)


def printed_by(program: str, settings: Settings) -> str:
    """What a Python program printed, run from the root with these settings; fails when the program does."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def free_port() -> int:
    """A port of this machine that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def descendants(pid: int) -> dict[int, str]:
    """The command lines of all processes below one, by process id."""
    parents = {int(path.name): parent_of(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for child in [child for child, its_parent in parents.items() if its_parent == parent]:
            found[child] = command_line(child)
            waiting.append(child)
    return found


def parent_of(pid: int) -> int:
    """The process id of its parent; 0 where there is none."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def command_line(pid: int) -> str:
    """The arguments of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    return bool(command_line(pid))


def parser_children(pid: int) -> list[int]:
    """The parser children below a process."""
    return [child for child, arguments in descendants(pid).items() if "ingest.child" in arguments]


def kill(pid: int) -> None:
    """`kill -9`, if it still runs."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
