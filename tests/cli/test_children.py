"""Processes that are started and ended as a group."""

import sys
from pathlib import Path

from cli.children import Child, Program, stop
from core.settings import Settings, child_environment
from tests.processes import alive, descendants, eventually

STUBBORN = (
    "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print('ready', flush=True); signal.pause()"
)


def start(settings: Settings, log: Path, program: str) -> Child:
    return Child(Program("test", [sys.executable, "-c", program], child_environment(settings)), log)


def test_one_that_does_not_listen_is_killed_with_what_it_started(settings: Settings, tmp_path: Path) -> None:
    child = start(settings, tmp_path / "log", STUBBORN)
    eventually(lambda: "ready" in child.last_lines())
    below = descendants(child.pid)

    stop([child], 0.1)

    assert child.exit_status == -9
    assert below
    eventually(lambda: not any(alive(pid) for pid in below))


def test_the_end_of_its_own_log(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("of an earlier one\n")
    child = start(settings, log, "for i in range(100): print(i)")
    eventually(lambda: child.exit_status == 0)

    assert child.last_lines(3) == "97\n98\n99"
    assert "earlier" not in child.last_lines(1000)
