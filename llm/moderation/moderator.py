"""The moderator by policy: one for each process, the same for page, REST, command line and batch."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from core.values import OPERATOR, Hit, Passage, Reader, Reading, Version
from llm.moderation.categories import Action, Point
from llm.moderation.deciding import decide
from llm.moderation.detectors import instructions
from llm.moderation.detectors.rules import RULES
from llm.moderation.detectors.signals import SIGNALS
from llm.moderation.findings import Findings
from llm.moderation.guarding import GuardCounts
from llm.moderation.judging import Ruling, judge, judge_marks
from llm.moderation.means import Means
from llm.moderation.policy import Policy
from llm.moderation.protocol import Decision, Exchange
from llm.moderation.records import looked_at
from llm.moderation.redaction import Redactor
from llm.moderation.screening import Screened, screen
from llm.moderation.tally import Kind
from llm.moderation.watch import Watch


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy does to a text at a point, and why."""

    decision: Decision
    findings: Findings
    rulings: tuple[Ruling, ...]
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """What this process counted since its start: decisions, and how the guard fared, None without one."""

    decisions: Mapping[Kind, int]
    guard: GuardCounts | None
    faults: Mapping[str, int]


class PolicyModerator:
    """A `Moderator` by a policy. Thread-safe; `of` gives one for each exchange."""

    def __init__(self, means: Means) -> None:
        self._means = means

    @property
    def policy(self) -> Policy:
        """The one in force."""
        return self._means.file.policy

    @property
    def detector(self) -> str:
        """The name of the detector, with its version."""
        return self._means.detector.name

    @property
    def guard(self) -> str:
        """The name of the guard, with its version; empty without one."""
        return self._means.guard.name if self._means.guard is not None else ""

    @property
    def source(self) -> str:
        """Where the policy comes from: `default`, or the operator's file."""
        return self._means.file.source

    @property
    def trouble(self) -> str:
        """What an operator should know; empty for nothing."""
        return self._means.trouble

    @property
    def state(self) -> str:
        """For everybody: what finds, and whether an operator should look; without saying where anything lies."""
        kind = f"with {self.guard}" if self.guard else "basic"
        return f"{kind}, in trouble: `./archivar moderation policy` says more" if self.trouble else kind

    def of(self, exchange: Exchange) -> Watch:
        """The moderator of one exchange."""
        return Watch(self._means, exchange)

    def question(self, text: str) -> Decision:
        """A text of a person that belongs to no exchange."""
        return self._alone().question(text)

    def context(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Passages that belong to no exchange, for the operator's eyes."""
        return self._alone().context(hits)

    @property
    def kept_out(self) -> int:
        """Nothing is remembered of what belongs to no exchange."""
        return 0

    def answer(self, text: str) -> Decision:
        """An answer that belongs to no exchange."""
        return self._alone().answer(text)

    def rendering(self, text: str) -> Decision:
        """A whole answer that belongs to no exchange."""
        return self._alone().rendering(text)

    def judge(self, text: str, point: Point, collections: Iterable[str] = ()) -> Judgement:
        """What the policy in force does to a text, with no record and without asking a guard."""
        policy, detector = self.policy, self._means.detector
        began = time.perf_counter()
        findings = self._means.findings(text, embedded=point not in {Point.PASSAGE, Point.RENDERING})
        rules = self._means.rules(policy, collections)
        rulings = judge(rules, point, findings, detector.thresholds, detector.name)
        rulings += judge_marks(rules, point, self._means.marked(text), instructions.NAME)
        decision = decide(policy, point, text, rulings, Redactor(policy.redaction.style))
        return Judgement(decision, findings, tuple(rulings), (time.perf_counter() - began) * 1000)

    def screen(self, version: Version, reading: Reading, by: str | None = None) -> Screened:
        """What was read of a version for `by`, with its passages marked; why it has to wait, by policy. Recorded."""
        return screen(self._means, version, reading, by)

    def marks(self, passages: Sequence[Passage]) -> Mapping[int, tuple[str, ...]]:
        """What people are shown beside passages, by their ids; nothing is recorded."""
        shown = {}
        for passage in passages:
            rules = self._means.rules(self.policy, (passage.collection_id,))
            marks = self._means.marks_of(passage)
            found = judge_marks(rules, Point.PASSAGE, marks, instructions.NAME) if marks else []
            if kinds := tuple(one.category for one in found if one.action.strength >= Action.WARN.strength):
                shown[passage.id] = kinds
        return shown

    def looked_at(self, reader: Reader, how: str, asked: Mapping[str, object]) -> None:
        """Record in the log that somebody looks at the log, and at which part of it."""
        if self._means.journal is not None:
            self._means.journal.put([looked_at(reader, how, asked)])

    def report(self) -> Report:
        """Figures for those who watch over it."""
        guard = self._means.guard
        counted = self._means.tally.counts()
        return Report(counted, guard.counts, guard.faults) if guard is not None else Report(counted, None, {})

    def warm(self) -> None:
        """Load now what the first question would otherwise wait for."""
        self.judge("warm", Point.QUESTION)
        for rule in RULES:
            rule.prepare()
        for signal in SIGNALS:
            signal.prepare()
        if self._means.guard is not None:
            self._means.guard.warm()

    def close(self) -> None:
        """Write down what waits, and let go of the guard."""
        if self._means.journal is not None:
            self._means.journal.close()
        if self._means.guard is not None:
            self._means.guard.close()

    def _alone(self) -> Watch:
        return self.of(Exchange(str(uuid4()), OPERATOR))
