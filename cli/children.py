"""Child processes of the supervisor: each in a session of its own, logged to a file, ended with its whole group."""

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.settings import ROOT

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.05
_TAIL_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """What to run under which name; with `niceness` above 0 it leaves the processor to the others."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    niceness: int = 0


class Child:
    """A running program. Start it from the main thread: the signal that ends it with us is tied to that thread."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.started_at = time.monotonic()
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(program.arguments),
                cwd=ROOT,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_dies_with(os.getpid(), program.niceness),  # noqa: PLW1509 - no other thread of ours runs Python then
            )

    @property
    def pid(self) -> int:
        """The process id, and that of its group."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """How it ended; None while it runs. Negative: minus the signal that killed it."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program; to its whole group when it is SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                os.killpg(self.pid, number)
            elif self.exit_status is None:
                self._process.send_signal(number)

    def last_lines(self, count: int = 15) -> str:
        """The end of what it has logged."""
        with self.log.open("rb") as stream:
            stream.seek(max(self._log_start, self.log.stat().st_size - _TAIL_BYTES))
            text = stream.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-count:])


def stop(children: Iterable[Child], seconds: float) -> None:
    """Ask all to end, wait at most so long, then kill whatever is left of their groups."""
    children = list(children)
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(child.exit_status is None for child in children):
        time.sleep(_POLL_SECONDS)
    for child in children:
        child.signal(signal.SIGKILL)
    while any(child.exit_status is None for child in children):
        time.sleep(_POLL_SECONDS)


def stop_signals() -> threading.Event:
    """Becomes set when this process is asked to end, by Ctrl-C or otherwise."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _dies_with(parent: int, niceness: int) -> Callable[[], None]:
    def prepare() -> None:
        os.nice(niceness)
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            # The parent died before the line above took effect.
            os._exit(1)

    return prepare
