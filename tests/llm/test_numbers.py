"""Printed numbers."""

import pytest

from llm.numbers import numbers, shown


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$1,577 million and (1,420)", ["1577000000", "-1420"]),
        ("1.5bn, 20k, 3 %", ["1500000000.0", "20000", "3"]),
        ("−0.7 and version 1.2.3", ["-0.7"]),
        ("in 2018", ["2018"]),
    ],
)
def test_numbers_have_their_scale_and_sign(text: str, values: list[str]) -> None:
    assert [str(number.scaled) for number in numbers(text)] == values


def test_german_numbers_are_read_the_german_way() -> None:
    assert [str(number.scaled) for number in numbers("1.577,5 Millionen, 3,2 %", german=True)] == [
        "1577500000.0",
        "3.2",
    ]


def test_a_number_is_shown_in_groups_and_rounded_half_up() -> None:
    (number,) = numbers("1234.565")

    assert shown(number.value, 2) == "1,234.57"
    assert shown(-number.value, 1, german=True) == "−1.234,6"
