"""Cutting passages into sentences and rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.units import units


def texts(passage: str, heading: str = "") -> list[str]:
    return [" ".join(passage[unit.start : unit.end].split()) for unit in units(passage, heading)]


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        ("One ends. Two begins\nhere and ends. Three", ["One ends.", "Two begins here and ends.", "Three"]),
        ("It cost approx. 5 million. Really?", ["It cost approx. 5 million.", "Really?"]),
        ("Mr. Smith and J. Doe of Acme Inc. signed. Done.", ["Mr. Smith and J. Doe of Acme Inc. signed.", "Done."]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("Die Frist beträgt 3 Monate. Sie beginnt am 1. Januar.", None),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_sentences(passage: str, expected: list[str] | None) -> None:
    wanted = expected
    if wanted is None:
        wanted = ["Die Frist beträgt 3 Monate.", "Sie beginnt am 1. Januar."]
    assert texts(passage) == wanted


def test_rows_stand_alone() -> None:
    passage = (
        "Purchases are shown below.\n(Millions) 2018 2017\nPurchases of equipment (1,577) (1,373)\nOther — net 9 (6)"
    )

    found = units(passage)

    assert [unit.row for unit in found] == [False, True, True, True]
    assert texts(passage)[2] == "Purchases of equipment (1,577) (1,373)"


def test_a_heading_is_no_part_of_the_sentence_below_it() -> None:
    assert texts("2. Annual leave\nPeople have 28 days.", "Handbook › 2. Annual leave") == [
        "2. Annual leave",
        "People have 28 days.",
    ]
    assert texts("Annual leave\n\nPeople have 28 days.") == ["Annual leave", "People have 28 days."]


@given(st.text(alphabet="ab .!?\n1,0()$%Ä„“-\t", max_size=200))
def test_units_are_ordered_and_lose_nothing(passage: str) -> None:
    found = units(passage)

    position = 0
    for unit in found:
        assert passage[position : unit.start].strip() == ""
        assert unit.start < unit.end
        position = unit.end
    assert passage[position:].strip() == ""


def test_lines_with_cells_are_rows() -> None:
    found = units("Who to ask\nName: Anna Berg | City: Berlin\nName: Ben Roth | City: Rome\nAsk them.", "Who to ask")

    assert [unit.row for unit in found] == [False, True, True, False]
