"""Equations in sentences."""

from decimal import Decimal

import pytest

from llm.figures.arithmetic import check_arithmetic


@pytest.mark.parametrize(
    "text",
    [
        "Sales: 1,577 − 1,420 = 157 (+11.1 %).",
        "It rose from 100 to 120, 120 - 100 = 20.",
        "365 × ((34 + 26) ÷ 2) ÷ (110 + 16 − 6) = 91.25",
        "(1 ÷ 4 + 1 ÷ 2) ÷ 2 = 37.5 %",
        "(121 ÷ 100) ^ (1 ÷ 2) − 1 = 10.0 %",
        "23 % − 20 % = 3 percentage points",
        "$1,200 / $800 = 1.5",
        "−5 + 3 = −2",
    ],
)
def test_right_arithmetic_is_right(text: str) -> None:
    (claim,) = check_arithmetic(text)

    assert claim.right


@pytest.mark.parametrize(
    "text",
    ["2 + 2 = 5", "1,577 − 1,420 = 157 (+12.1 %)", "1,577 − 1,420 = 157 (−11.1 %)", "10 ÷ 3 = 3.34", "50 ÷ 100 = 5 %"],
)
def test_wrong_arithmetic_is_wrong(text: str) -> None:
    (claim,) = check_arithmetic(text)

    assert not claim.right


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 3",
        "In 2018 = 5",
        "10 ÷ 0 = 3",
        "((1 + 2 = 3",
        "9 ^ 9999 = 1",
        "A = B + C",
        f"{'(' * 300}1 + 1{')' * 300} = 2",
    ],
)
def test_what_is_no_equation_is_none(text: str) -> None:
    assert all(claim.right for claim in check_arithmetic(text))


def test_constants_are_no_operands() -> None:
    (claim,) = check_arithmetic("365 × (34 + 26) ÷ 2 ÷ 120 = 91.25")

    assert claim.operands == tuple(map(Decimal, (34, 26, 120)))


def test_german_numbers_are_read_the_german_way() -> None:
    (claim,) = check_arithmetic("1.577,5 − 1.420,0 = 157,5", german=True)

    assert claim.right
