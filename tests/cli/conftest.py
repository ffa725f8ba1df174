"""Runs commands as people do, on a data folder of the test."""

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.children import Child, Program, stop
from core.settings import Settings, child_environment, load_settings
from tests.cli import forking
from tests.processes import eventually


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """What it printed with `--json`: one object and nothing else."""
        return json.loads(self.stdout)


Archivar = Callable[..., Ran]


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a process that runs commands."""
    folder = tmp_path_factory.mktemp("commands")
    environment = child_environment(load_settings())
    program = Program("commands", [sys.executable, "-m", forking.__name__, str(folder / "socket")], environment)
    child = Child(program, folder / "log")
    eventually((folder / "socket").exists, 60)
    yield folder / "socket"
    stop([child], 2)


@pytest.fixture
def archivar(settings: Settings, commands: Path, tmp_path: Path) -> Archivar:
    """Runs a command to its end."""
    numbers = itertools.count()

    def run(*arguments: object, stdin: str = "") -> Ran:
        number = next(numbers)
        streams = [tmp_path / f".{name}-{number}" for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin)
        streams[1].touch()
        streams[2].touch()
        status = forking.run(commands, [*map(str, arguments)], child_environment(settings), *streams)
        return Ran(status, streams[1].read_text(), streams[2].read_text())

    return run
