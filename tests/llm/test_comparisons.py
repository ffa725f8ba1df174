"""The sides of a comparison."""

import pytest

from llm.comparisons import sides


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("Compare Berlin with Hamburg.", ("Berlin.", "Hamburg.")),
        ("How do 2021 and 2022 compare?", ("How do 2021 compare?", "How do 2022 compare?")),
        ("What is the difference between Plan A and Plan B in price?",
         ("What is the difference Plan A in price?", "What is the difference Plan B in price?")),
        ("Compare revenue in FY2020, FY2021 and FY2022.",
         ("Compare revenue in FY2020.", "Compare revenue FY2021.", "Compare revenue FY2022.")),
        ("Compare the fees of Acme and Bolt.", ("the fees of Acme.", "the fees of Bolt.")),
        ("Wie unterscheiden sich die Fristen zwischen Vertrag Alpha und Vertrag Beta?",
         ("Wie unterscheiden sich die Fristen Vertrag Alpha?", "Wie unterscheiden sich die Fristen Vertrag Beta?")),
    ],
)  # fmt: skip
def test_each_side_becomes_a_question(question: str, each: tuple[str, ...]) -> None:
    assert sides(question) == each


@pytest.mark.parametrize(
    "question",
    [
        "What happened between 1914 and 1918?",
        "How many people live between the river and the sea?",
        "Who won in 2019?",
        "",
    ],
)
def test_other_questions_have_none(question: str) -> None:
    assert sides(question) == ()
