"""Runs commands and programs in forks of a process that has imported everything already.

Each still has a process, arguments, an environment and streams of its own and ends as it does by itself, but does not
wait one to eight seconds for its imports. Run with the path of its socket: `python -m tests.forking PATH`.
"""

import atexit
import ctypes
import gc
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn, cast

import cli
from cli.children import Child, Program
from cli.main import main
from core.settings import ROOT
from tests.processes import eventually, parent_of

# What commands and programs import when they need it.
_HEAVY = [
    *["alembic", "celery.worker", "faiss", "kombu.transport.redis", "openvino", "sentence_transformers", "tantivy"],
    *["torch", "transformers", "transformers.cli.serve", "ingest.pipeline", "llm.moderation.opening", "llm.services"],
    *["retrieval.embedders.openvino_minilm", "retrieval.embedders.sentence_transformer", "retrieval.index.local"],
    *["retrieval.retriever", "retrieval.writer", "web.app", "web.server", "workers.beat", "workers.main"],
]
_LONGEST = 1 << 20
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


@dataclass(frozen=True)
class Request:
    """What to run: a module with its arguments, or with none a command; where, and on which streams."""

    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    streams: Sequence[str]


def run(listening: Path, arguments: list[str], environment: dict[str, str], stdin: Path, out: Path, err: Path) -> int:
    """Run a command to its end in a fork of the process that listens; its exit status, negative where a signal was."""
    with _asked(listening, Request("", arguments, environment, str(Path.cwd()), [*map(str, (stdin, out, err))])) as it:
        return int(it.recv(64))


class ForkedChild(Child):
    """A program `python -m MODULE ...` as `Child` runs it, in a fork of the process that listens."""

    def __init__(self, listening: Path, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.started_at = time.monotonic()
        log.touch()
        self._log_start = log.stat().st_size
        _, _, module, *arguments = program.arguments
        request = Request(module, arguments, program.environment, str(ROOT), [os.devnull, str(log), str(log)])
        # Whose parent ends becomes a child of ours, so that it can be waited for.
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        try:
            with _asked(listening, request) as connection:
                pid = int(connection.recv(64))
            eventually(lambda: parent_of(pid) == os.getpid())
        finally:
            _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 0)
        self._process = cast("subprocess.Popen[bytes]", _Adopted(pid))


class _Adopted:
    """What `Child` wants of a process that was not started by `subprocess`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        if self._status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if ended else None
        return self._status

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


def _asked(listening: Path, request: Request) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(str(listening))
    connection.send(json.dumps(vars(request)).encode())
    return connection


def serve(path: str) -> None:
    """Listen until the end of this process. The child of a child runs what is asked, so that each can be waited for."""
    for module in [*_HEAVY, *(f"cli.{one.name}" for one in pkgutil.iter_modules(cli.__path__))]:
        import_module(module)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                break
            connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = Request(**json.loads(connection.recv(_LONGEST)))
    parent = os.getpid()
    if (child := os.fork()) == 0:
        connection.close()
        if request.module:
            _leave(parent)
        _become(request)
    if request.module:
        connection.send(str(child).encode())
    else:
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _leave(parent: int) -> None:
    """Be led by nobody, and end with whoever asked once the parent has ended."""
    os.setsid()
    while (adopted := os.getppid()) == parent:
        time.sleep(0.001)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != adopted:
        os._exit(1)


def _become(request: Request) -> NoReturn:
    for number, (name, how) in enumerate(
        zip(request.streams, (os.O_RDONLY, os.O_WRONLY | os.O_APPEND, os.O_WRONLY | os.O_APPEND), strict=True)
    ):
        os.dup2(os.open(name, how), number)
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    status = _run_module(request.module, request.arguments) if request.module else main([*request.arguments])
    # What ends with a process ends; to take thousands of modules apart takes seconds.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run_module(module: str, arguments: Sequence[str]) -> int:
    """As `python -m` does."""
    sys.argv = [module, *arguments]
    sys.modules.pop(module, None)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
