"""A command that is asked to end does so, whatever it was at."""

import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from cli.interruption import Interruption


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_dropped_is_raised_when_asked(number: signal.Signals) -> None:
    interruption = Interruption()
    interruption.check()

    with suppress(KeyboardInterrupt):
        signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        interruption.check()


def test_what_the_shell_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interruption = Interruption()

    signal.raise_signal(signal.SIGINT)

    interruption.check()
