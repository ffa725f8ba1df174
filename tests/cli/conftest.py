"""Runs commands as people do, on a data folder of the test."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings, child_environment
from tests import forking


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


@pytest.fixture
def archivar(settings: Settings, forks: Path, tmp_path: Path) -> Archivar:
    """Runs a command to its end."""
    numbers = itertools.count()

    def run(*arguments: object, stdin: str = "") -> Ran:
        number = next(numbers)
        streams = [tmp_path / f".{name}-{number}" for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin)
        streams[1].touch()
        streams[2].touch()
        status = forking.run(forks, [*map(str, arguments)], child_environment(settings), *streams)
        return Ran(status, streams[1].read_text(), streams[2].read_text())

    return run
