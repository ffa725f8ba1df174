"""Where a question says, or its figures imply, to look; and which pages those are."""

import pytest

from retrieval.places import Place, places, standing


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Going by the balance sheet, what were the inventories?", {Place.BALANCE}),
        ("What does the P&L say about net income?", {Place.INCOME}),
        ("Wie hoch war der Gewinn laut Gewinn- und Verlustrechnung?", {Place.INCOME}),
        ("How much did Acme spend on capex in 2020?", {Place.CASH_FLOWS}),
        ("What is the return on assets of Acme?", {Place.INCOME, Place.BALANCE}),
        ("Why did net income fall?", set()),
        ("Who signs contracts over 10,000 euros?", set()),
    ],
)
def test_a_question_leads_to_the_statements_that_print_it(question: str, expected: set[Place]) -> None:
    assert places(question).keys() == expected


def test_what_is_said_is_surer_than_what_is_implied() -> None:
    said = places("What are the total assets in the balance sheet?")[Place.BALANCE]

    assert said > places("What are the total assets?")[Place.BALANCE] > 0


@pytest.mark.parametrize(
    ("heading", "top", "expected"),
    [
        ("Acme Company and Subsidiaries Consolidated Balance Sheets › Assets", "", 1.0),
        ("Table of Contents", "ACME, INC.\nCONSOLIDATED BALANCE SHEETS (Unaudited)\n(in thousands)", 1.0),
        ("Note 7. Supplemental Balance Sheet Information", "See the balance sheet data.", 0.0),
        ("Consolidated Statements of Cash Flows", "", 0.0),
        ("", f"We keep obligations{', as others do' * 9}, off what is called the balance sheet\n", 0.0),
    ],
)
def test_a_page_is_what_its_title_ends_with(heading: str, top: str, expected: float) -> None:
    assert standing({Place.BALANCE: 1.0}, heading, top) == expected
