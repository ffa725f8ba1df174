"""Runs `./archivar` as people do, on a data folder of the test."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from core.settings import ROOT, Settings, child_environment


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
def archivar(settings: Settings) -> Archivar:
    """Runs a command to its end."""

    def run(*arguments: object, stdin: str = "") -> Ran:
        done = subprocess.run(
            [str(ROOT / "archivar"), *map(str, arguments)],
            env=child_environment(settings),
            capture_output=True,
            text=True,
            input=stdin,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
