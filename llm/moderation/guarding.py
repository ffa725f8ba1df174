"""Asks a guard, with patience that ends: it may be slow, away, or say what nobody can read."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from llm.moderation.findings import Guard, GuardFault, Opinion
from llm.moderation.policy import GuardRules

_AT_ONCE = 8
# Kinds of failures that guards do not name themselves.
_SLOW, _FAILED = "slow", "failed"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Silence:
    """The guard gave no opinion, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class GuardCounts:
    """How often the guard was asked, how often that failed, and how often it was left alone instead."""

    asked: int = 0
    failed: int = 0
    skipped: int = 0


class Guarded:
    """A guard behind a time-out and a breaker. Thread-safe.

    After some failures in a row nobody asks for a while; then one question tries again, for all others.
    """

    def __init__(self, guard: Guard, clock: Callable[[], float] = time.monotonic) -> None:
        self._guard = guard
        self._clock = clock
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="guard")
        self._lock = threading.Lock()
        self._failures = 0
        self._alone_until = 0.0
        self._trying = False
        self._trouble = ""
        self._counts = GuardCounts()
        self._faults: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """Of the guard."""
        return self._guard.name

    @property
    def trouble(self) -> str:
        """Why it gave no opinion the last time; empty when it did."""
        return self._trouble

    @property
    def counts(self) -> GuardCounts:
        """For the metrics."""
        return self._counts

    @property
    def faults(self) -> Mapping[str, int]:
        """How often it failed, by kind."""
        with self._lock:
            return dict(self._faults)

    def warm(self) -> None:
        """Load what the first question would wait for. A guard that is away says so when it is asked."""
        self._pool.submit(self._guard.judge, "warm", None).exception()

    def ask(self, question: str, answer: str | None, rules: GuardRules) -> Opinion | Silence:
        """What the guard says, or that it does not."""
        if not self._admitted(rules):
            return Silence(f"The guard is left alone for a moment. {self._trouble}".rstrip())
        told = self._pool.submit(self._guard.judge, question, answer)
        reason, kind = _failure(told, rules.timeout_seconds)
        self._note(rules, reason, kind)
        return Silence(reason) if reason else told.result()

    def close(self) -> None:
        """Ask nothing any more; a call that hangs is left behind."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _admitted(self, rules: GuardRules) -> bool:
        with self._lock:
            open_again = self._clock() >= self._alone_until and not self._trying
            admitted = self._failures < rules.failures or open_again
            if admitted:
                self._trying = self._failures >= rules.failures
            counts = self._counts
            self._counts = GuardCounts(counts.asked + admitted, counts.failed, counts.skipped + (not admitted))
            return admitted

    def _note(self, rules: GuardRules, reason: str, kind: str) -> None:
        with self._lock:
            self._trying = False
            self._trouble = reason
            self._failures = self._failures + 1 if reason else 0
            if not reason:
                return
            self._alone_until = self._clock() + rules.pause_seconds
            counts = self._counts
            self._counts = GuardCounts(counts.asked, counts.failed + 1, counts.skipped)
            self._faults[kind] += 1
        log.warning("The guard gave no opinion: %s", reason)


def _failure(told: Future[Opinion], seconds: float) -> tuple[str, str]:
    """Why there is no opinion, and of which kind that is; empty when there is one.

    Whatever a guard raises counts as a failure of the guard.
    """
    try:
        error = told.exception(seconds)
    except TimeoutError:
        told.cancel()
        return f"It did not answer within {seconds:g} s.", _SLOW
    if error is None:
        return "", ""
    if isinstance(error, GuardFault):
        return error.message, error.kind
    return f"{type(error).__name__}: {error}", _FAILED
