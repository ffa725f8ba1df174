"""A guard that answers, fails, hangs, comes back."""

import threading

import pytest

from core.errors import Unavailable
from llm.moderation.findings import GuardFault, Opinion
from llm.moderation.guarding import GuardCounts, Guarded, Silence
from llm.moderation.policy import default_policy

RULES = default_policy().guard.model_copy(update={"timeout_seconds": 0.2, "failures": 2, "pause_seconds": 10.0})
SAFE = Opinion(0.01)


class Moody:
    """A guard that does what the test says."""

    name = "moody 1"

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.wait = threading.Event()
        self.wait.set()
        self.calls = 0

    def judge(self, question: str, answer: str | None) -> Opinion:
        """Fails, hangs or answers."""
        self.calls += 1
        self.wait.wait(5)
        if self.error is not None:
            raise self.error
        return SAFE


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("unreadable"), OSError("reset")])
def test_every_failure_is_silence(error: Exception) -> None:
    moody = Moody()
    guard = Guarded(moody)
    assert guard.ask("q", None, RULES) == SAFE

    moody.error = error
    said = guard.ask("q", "a", RULES)

    assert isinstance(said, Silence)
    assert str(error) in said.reason == guard.trouble
    moody.error = None
    assert guard.ask("q", None, RULES) == SAFE
    assert guard.trouble == ""
    guard.close()


def test_failures_are_counted_by_kind() -> None:
    moody = Moody()
    guard = Guarded(moody)
    rules = RULES.model_copy(update={"failures": 10})

    for moody.error in (GuardFault("what?", "unreadable"), GuardFault("what?", "unreadable"), ValueError("broken")):
        guard.ask("q", None, rules)
    moody.error = None
    moody.wait.clear()
    guard.ask("q", None, rules)
    moody.wait.set()
    guard.ask("q", None, rules)
    guard.close()

    assert guard.faults == {"unreadable": 2, "failed": 1, "slow": 1}
    assert guard.counts == GuardCounts(asked=5, failed=4)


def test_warming_a_guard_that_is_away_is_no_failure() -> None:
    moody = Moody()
    moody.error = Unavailable("away")
    guard = Guarded(moody)

    guard.warm()

    assert (moody.calls, guard.trouble, guard.counts) == (1, "", GuardCounts())
    guard.close()


def test_nobody_waits_longer_than_the_policy_says() -> None:
    moody = Moody()
    moody.wait.clear()
    guard = Guarded(moody)

    said = guard.ask("q", None, RULES)

    assert isinstance(said, Silence)
    assert not moody.wait.is_set()
    moody.wait.set()
    guard.close()


def test_after_failures_it_is_left_alone_for_a_while() -> None:
    moody, now = Moody(), [0.0]
    guard = Guarded(moody, clock=lambda: now[0])
    moody.error = Unavailable("away")

    for _ in range(5):
        assert isinstance(guard.ask("q", None, RULES), Silence)
    assert moody.calls == 2
    assert guard.counts == GuardCounts(asked=2, failed=2, skipped=3)

    now[0] = 11
    assert isinstance(guard.ask("q", None, RULES), Silence)
    assert isinstance(guard.ask("q", None, RULES), Silence)
    assert moody.calls == 3

    now[0], moody.error = 22, None
    assert guard.ask("q", None, RULES) == SAFE
    assert guard.ask("q", None, RULES) == SAFE
    guard.close()
