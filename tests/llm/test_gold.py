"""When a known answer counts as given."""

import pytest

from llm.gold import contains


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("Kawann Short", "It was kawann  short, of course."),
        ("$1577.00", "Purchases of equipment (1,577) (1,373)"),
        ("1.5 million", "They spent $1,500,000 on it."),
        ("$1.5 billion", "about 1,500 million in all"),
        ("65%", "It rose to 65 percent."),
        ("8.70", "It was 8.7"),
        ("four", "Four players"),
        ("über 30", "ÜBER 30!"),
        ("24", "with 24 interceptions"),
    ],
)
def test_given(gold: str, answer: str) -> None:
    assert contains(gold, answer)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("Kawann Short", "It was Kawann."),
        ("1577", "It was 15,770."),
        ("24", "in 2024"),
        ("1.5 million", "1.5 billion"),
        ("4", "four players"),
        ("short", "shorter"),
        ("12", "1.2"),
    ],
)
def test_not_given(gold: str, answer: str) -> None:
    assert not contains(gold, answer)
