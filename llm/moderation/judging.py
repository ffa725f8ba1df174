"""From what was found to what is done about it: findings and the rules of a policy become rulings."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.marks import Mark
from llm.moderation.categories import ANY, CATEGORIES, PII_KINDS, PRIVACY, Action, Point
from llm.moderation.findings import Findings, Match, Opinion, Span
from llm.moderation.policy import Rule

# Above every probability.
_NEVER = 2.0
# From which score on a guard calls a text unsafe.
_UNSAFE = 0.5


class Blot(NamedTuple):
    """A place in a text to blacken; `label` says what stood there, empty where the whole category is unwanted."""

    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One finding that counts, and what the policy does about it.

    `blots` are the places that it is about; none where it is about the text as a whole.
    """

    category: str
    action: Action
    score: float
    threshold: float
    detector: str
    blots: tuple[Blot, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


def judge(
    rules: Mapping[str, Rule], point: Point, findings: Findings, thresholds: Mapping[str, float], detector: str
) -> list[Ruling]:
    """Rulings on what a detector found; what is `off`, or does not count, has none."""
    harm = judge_harm(rules, point, findings, thresholds, detector)
    return harm + list(judge_personal_data(rules, point, findings.pii, detector))


def judge_harm(
    rules: Mapping[str, Rule], point: Point, findings: Findings, thresholds: Mapping[str, float], detector: str
) -> list[Ruling]:
    """The same without personal data."""
    matched: dict[str, list[Match]] = defaultdict(list)
    for match in findings.rules:
        matched[match.category].append(match)
    made = [
        ruling
        for name in CATEGORIES
        if (ruling := _on_category(name, rules, point, findings.scores.get(name, 0.0), matched[name], thresholds))
    ]
    if not made and (ruling := _on_category(ANY, rules, point, findings.score, [], thresholds)):
        made = [ruling]
    return [Ruling(r.category, r.action, r.score, r.threshold, detector, r.blots, r.detail) for r in made]


def judge_personal_data(
    rules: Mapping[str, Rule], point: Point, pii: Sequence[Span], detector: str
) -> Iterator[Ruling]:
    """Rulings on personal data alone, one for each kind."""
    by_kind: dict[str, list[Span]] = defaultdict(list)
    for span in pii:
        by_kind[span.kind].append(span)
    for kind, spans in by_kind.items():
        action = (rules[kind].at(point) if kind in rules else None) or Action.OFF
        if action is not Action.OFF:
            blots = tuple(Blot(span.start, span.end, PII_KINDS[kind]) for span in spans)
            yield Ruling(PRIVACY, action, 1.0, 1.0, detector, blots, {"kind": kind, "count": len(spans)})


def judge_marks(rules: Mapping[str, Rule], point: Point, marks: Sequence[Mark], detector: str) -> list[Ruling]:
    """Rulings on what is pointed out in a passage, one for each kind, as sure as the surest of its marks."""
    by_kind: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_kind[mark.kind].append(mark)
    made = []
    for kind, several in by_kind.items():
        rule = rules.get(kind, Rule())
        action, wanted = rule.at(point) or Action.OFF, rule.threshold or 0.0
        score = max(mark.score for mark in several)
        if action is not Action.OFF and score >= wanted:
            blots = tuple(Blot(mark.start, mark.end) for mark in several)
            signals = sorted({signal for mark in several for signal in mark.signals})
            made.append(Ruling(kind, action, score, wanted, detector, blots, {"signals": signals}))
    return made


def judge_opinion(rules: Mapping[str, Rule], point: Point, opinion: Opinion, guard: str) -> list[Ruling]:
    """Rulings on what a guard says; one that names no category is about `any`.

    Where a rule has a threshold, it holds for a guard's score as well; without one a guard is believed.
    """
    if opinion.score < _UNSAFE and not opinion.categories:
        return []
    made = []
    for name in opinion.categories or (ANY,):
        rule = rules.get(name)
        action = rule.at(point) if rule is not None else Action.LOG
        wanted = rule.threshold if rule is not None else None
        if action not in {None, Action.OFF} and (wanted is None or opinion.score >= wanted):
            made.append(Ruling(name, Action(action), opinion.score, _UNSAFE if wanted is None else wanted, guard))
    return made


def strongest(rulings: Sequence[Ruling]) -> Ruling | None:
    """The ruling that decides; None where there is none."""
    return max(rulings, key=lambda ruling: (ruling.action.strength, ruling.score), default=None)


def _on_category(
    name: str,
    rules: Mapping[str, Rule],
    point: Point,
    score: float,
    matches: Sequence[Match],
    thresholds: Mapping[str, float],
) -> Ruling | None:
    rule = rules[name]
    action = rule.at(point) or Action.OFF
    threshold = rule.threshold if rule.threshold is not None else thresholds.get(name, _NEVER)
    if action is Action.OFF or not (matches or score >= threshold):
        return None
    if not matches and score < (rule.certain or 0.0) and action.strength > Action.WARN.strength:
        action = Action.WARN
    return Ruling(
        category=name,
        action=action,
        score=max(score, 1.0) if matches else score,
        threshold=min(threshold, 1.0),
        detector="",
        blots=tuple(Blot(match.start, match.end) for match in matches),
        detail={"rules": sorted({match.rule for match in matches})} if matches else {},
    )
