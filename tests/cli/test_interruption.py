"""A command that is asked to end does so, whatever it was at. In processes of their own, which may end by it."""

import signal
import subprocess
import sys

import pytest

from core.settings import ROOT

_DROPPED = """
import signal, sys
from contextlib import suppress
from cli.interruption import Interruption

interruption = Interruption()
interruption.check()
with suppress(KeyboardInterrupt):
    signal.raise_signal(int(sys.argv[1]))
try:
    interruption.check()
except KeyboardInterrupt:
    print("raised")
"""
_IGNORED = """
import signal
from cli.interruption import Interruption

signal.signal(signal.SIGINT, signal.SIG_IGN)
interruption = Interruption()
signal.raise_signal(signal.SIGINT)
interruption.check()
print("not raised")
"""


def _said(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_dropped_is_raised_when_asked(number: signal.Signals) -> None:
    assert _said(_DROPPED, str(int(number))) == "raised"


def test_what_the_shell_ignores_stays_ignored() -> None:
    assert _said(_IGNORED) == "not raised"
