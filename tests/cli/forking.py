"""Runs commands in forks of a process that has imported everything already.

Each command still has a process, arguments, an environment and streams of its own and ends as `./archivar` does, but
does not wait one or two seconds for its imports. Run with the path of its socket: `python -m tests.cli.forking PATH`.
"""

import atexit
import gc
import json
import os
import pkgutil
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

import cli
from cli.main import main

# What commands import when they need it.
_HEAVY = ["alembic", "faiss", "sentence_transformers", "tantivy", "torch", "transformers"]
_LONGEST = 1 << 20


def run(listening: Path, arguments: list[str], environment: dict[str, str], stdin: Path, out: Path, err: Path) -> int:
    """Run a command to its end in a fork of the process that listens; its exit status, negative where a signal was."""
    request = {
        "arguments": arguments,
        "environment": environment,
        "folder": str(Path.cwd()),
        "streams": [str(stdin), str(out), str(err)],
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(str(listening))
        connection.send(json.dumps(request).encode())
        return int(connection.recv(64))


def serve(path: str) -> None:
    """Listen until the end of this process. The child of a child runs the command, so that each can be waited for."""
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
    request = json.loads(connection.recv(_LONGEST))
    if (child := os.fork()) == 0:
        connection.close()
        _become(request)
    _, status = os.waitpid(child, 0)
    connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, object]) -> None:
    match request:
        case {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder),
            "streams": list(streams),
        }:
            for number, (name, how) in enumerate(zip(streams, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
                os.dup2(os.open(name, how), number)
            os.environ.clear()
            os.environ.update(environment)
            os.chdir(folder)
            status = main(arguments)
            # What ends with a process ends; to take thousands of modules apart takes seconds.
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
