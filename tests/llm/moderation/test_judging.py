"""What a guard's opinion becomes under the rules of a policy."""

import pytest

from llm.moderation.categories import Action, Point
from llm.moderation.findings import Opinion
from llm.moderation.judging import judge_opinion
from llm.moderation.policy import default_policy


@pytest.mark.parametrize(
    ("threshold", "score", "counts"),
    [(None, 0.55, True), (0.6, 0.55, False), (0.6, 0.6, True), (None, 0.4, True), (0.3, 0.2, False)],
)
def test_a_threshold_holds_for_guards_as_well(threshold: float | None, score: float, counts: bool) -> None:
    rules = dict(default_policy().rules)
    rules["S9"] = rules["S9"].model_copy(update={"threshold": threshold})

    made = judge_opinion(rules, Point.QUESTION, Opinion(score, ("S9",)), "guard 1")

    assert [(one.category, one.action, one.score) for one in made] == ([("S9", Action.BLOCK, score)] if counts else [])
    assert all(one.threshold == (threshold or 0.5) for one in made)


def test_an_unsure_guard_without_a_category_says_nothing() -> None:
    rules = default_policy().rules

    assert judge_opinion(rules, Point.QUESTION, Opinion(0.4), "guard 1") == []
    assert [one.category for one in judge_opinion(rules, Point.QUESTION, Opinion(0.6), "guard 1")] == ["any"]
