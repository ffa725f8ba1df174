"""What counts as a contradiction between documents, and what does not."""

import pytest

from core.values import Hit
from llm.conflicts import conflicts
from llm.writers import Source
from tests.llm.figures.pages import INCOME, passage


def between(one: str, other: str, names: tuple[str, str] = ("guide_2021", "guide_2022")) -> list[str]:
    """The second source of each conflict with the first text, when that is quoted as a whole."""
    quoted, found = passage(one, number=1, name=names[0]), passage(other, number=2, name=names[1])
    cited = [Source(quoted, line) for line in one.splitlines()]
    return [conflict.second.quote for conflict in conflicts(cited, [Hit(1, 1.0, quoted), Hit(2, 0.9, found)])]


def test_another_number_in_the_same_words_is_a_conflict() -> None:
    other = "The Lisbon office employed 135 people at the end of 2022."

    assert between("The Lisbon office employed 120 people at the end of 2022.", other, ("a", "b")) == [other]


def test_number_words_count() -> None:
    other = "The notice period is six months for all members."

    assert between("The notice period is three months for all members.", other) == [other]


def test_another_figure_in_the_same_row_and_year_is_a_conflict() -> None:
    assert between(INCOME, INCOME.replace("$ 1,577", "$ 1,600")) == ["Net sales $ 1,600 $ 1,420 $ 1,300"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Lisbon office employed 120 people in 2022.", "The Lisbon office employed 135 people in 2021."),
        ("The Lisbon office employed 120 people in 2022.", "The Madrid office employed 135 people in 2022."),
        ("The Lisbon office employed 120 people in 2022.", "The Lisbon office employed 120 people in 2022."),
        ("The Lisbon office employed 120 people in 2022.", "In 2022 the office in Lisbon used 135 tonnes of steel."),
        ("The pipe to the Lisbon office is 2 km long now.", "The pipe to the Lisbon office is 2000 m long now."),
        ("Acme earned 3 million dollars in that year.", "Acme earned 3000 thousand dollars in that year."),
        (INCOME, INCOME.replace("2021 2020 2019", "2018 2017 2016").replace("1,577", "900")),
        (INCOME, INCOME.replace("(in millions", "(in thousands").replace("1,577", "1,577,000")),
    ],
)
def test_what_is_about_something_else_is_none(one: str, other: str) -> None:
    assert between(one, other) == []


def test_documents_about_different_subjects_do_not_contradict_each_other() -> None:
    names = ("contract_alpha", "contract_beta")

    assert (
        between(
            "The notice period is three months for all members.",
            "The notice period is six months for all members.",
            names,
        )
        == []
    )
    assert between(INCOME, INCOME.replace("$ 1,577", "$ 1,600"), ("northwind", "southwind")) == []
