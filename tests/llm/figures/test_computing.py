"""What is computed from tables, how it is written, and what is left alone."""

import pytest

from llm.figures.arithmetic import check_arithmetic
from llm.figures.checking import rests
from llm.figures.computing import computed, looked_up
from llm.figures.row_words import in_words
from tests.llm.figures.pages import BALANCE, CASH, GERMAN, INCOME, SITES, found

REPORT = found(INCOME, BALANCE, CASH)


@pytest.mark.parametrize(
    ("question", "arithmetic"),
    [
        ("How much did net sales grow from 2020 to 2021?", "1,577 − 1,420 = 157 (+11.1 %)"),
        ("By what percentage did revenue change between 2019 and 2021?", "1,577 − 1,300 = 277 (+21.3 %)"),
        ("Compare revenue in 2020 and 2021.", "1,577 − 1,420 = 157 (+11.1 %)"),
        ("How much did revenue grow?", "1,577 − 1,420 = 157 (+11.1 %)"),
        ("Did inventories decrease in 2021?", "150 − 170 = −20 (−11.8 %)"),
        ("How much did diluted earnings per share grow in 2021?", "1.55 − 1.11 = 0.44 (+39.6 %)"),
        ("What was Northwind's gross margin in 2021?", "627 ÷ 1,577 = 39.8 %"),
        ("How did gross margin change from 2020 to 2021?", "39.8 % − 38.0 % = 1.8 percentage points"),
        ("What is the ratio of operating income to net sales in 2021?", "210 ÷ 1,577 = 0.13"),
        ("What percentage of revenue was cost of goods sold in 2020?", "880 ÷ 1,420 = 62.0 %"),
        ("Capex as a % of revenue in 2021?", "90 ÷ 1,577 = 5.7 %"),
        ("What were gross profit and operating income combined in 2021?", "627 + 210 = 837"),
        ("What is the difference between gross profit and operating income in 2020?", "540 − 160 = 380"),
        ("What was the average net income for 2019-2021?", "(105 + 111 + 155) ÷ 3 = 123.7"),
        ("What is the 2 year revenue CAGR from 2019 to 2021?", "(1,577 ÷ 1,300) ^ (1 ÷ 2) − 1 = 10.1 %"),
        ("What is the current ratio for 2021?", "650 ÷ 400 = 1.63"),
        ("What is the quick ratio in 2021?", "(300 + 200) ÷ 400 = 1.25"),
        ("What is the inventory turnover for 2021?", "950 ÷ ((150 + 170) ÷ 2) = 5.94"),
        ("What is days payable outstanding for 2021?", "365 × (120 + 110) ÷ 2 ÷ 950 = 44.18"),
        ("What was free cash flow in 2021?", "240 − 90 = 150"),
        ("What is the effective tax rate in 2019?", "35 ÷ 140 = 25.0 %"),
        ("What is EBITDA for 2021?", "210 + 60 = 270"),
        ("What is net income in 2021 in billions?", "155 ÷ 1,000 = 0.2"),
        (
            "What is the FY2021 asset turnover? Asset turnover is defined as: FY2021 revenue / (average total assets "
            "between FY2020 and FY2021). Round to three decimal places.",
            "1,577 ÷ ((1,400 + 1,300) ÷ 2) = 1.168",
        ),
    ],
)
def test_a_figure_is_computed_and_its_arithmetic_shown(question: str, arithmetic: str) -> None:
    draft = computed(question, REPORT)

    assert draft is not None
    assert arithmetic in draft.text
    assert all(claim.right for claim in check_arithmetic(draft.text))
    assert rests(draft.text, [source.passage.text for source in draft.sources])


@pytest.mark.parametrize(
    "question",
    [
        "How much did net sales grow in 2019?",  # the year before is not there
        "How much did Fabrikam's revenue grow from 2020 to 2021?",
        "What was US net sales growth in 2021?",
        "How much did adjusted operating income grow in 2021?",
        "How much did Q2 revenue grow in 2021?",
        "Why did operating income increase in 2021?",
        "What is the net income per employee in 2021?",
        "Who is the chief executive?",
        "",
    ],
)
def test_what_cannot_be_told_with_confidence_is_not_computed(question: str) -> None:
    assert computed(question, REPORT) is None
    assert looked_up(question, REPORT) is None


def test_every_row_is_cited_once() -> None:
    draft = computed("What is the inventory turnover for 2021?", REPORT)

    assert draft is not None
    assert [(source.passage.page, source.quote) for source in draft.sources] == [
        (1, "Cost of goods sold (950) (880) (820)"),
        (2, "Inventories (Note 4) 150 170"),
    ]


def test_a_balance_is_not_taken_from_the_changes_of_a_cash_flow_statement() -> None:
    assert computed("How much did inventories change in 2021?", found(CASH)) is None


def test_a_row_is_found_by_what_it_means() -> None:
    row = looked_up("What was Northwind's capital expenditure in 2021?", REPORT)

    assert row is not None
    assert in_words(row) == (
        "Purchases of property, plant and equipment: (90) in 2021, (80) in 2020, (70) in 2019 (in millions)"
    )


@pytest.mark.parametrize(
    ("question", "arithmetic"),
    [
        ("By how much did the number of employees grow from 2020 to 2022?", "1,250 − 1,000 = 250 (+25.0 %)"),
        ("How did the number of employees in Spain change from 2021 to 2022?", "250 − 240 = 10 (+4.2 %)"),
        ("What was the average number of employees from 2020 to 2022?", "(1,000 + 1,100 + 1,250) ÷ 3 = 1,116.7"),
    ],
)
def test_rows_that_no_statement_knows_are_found_by_their_words(question: str, arithmetic: str) -> None:
    draft = computed(question, found(SITES, name="sites"))

    assert draft is not None
    assert arithmetic in draft.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "Um wie viel Prozent ist der Umsatz von 2020 auf 2021 gestiegen?",
            "Veränderung von Umsatz, 2020–2021: 1.577,5 − 1.420,0 = 157,5 (+11,1 %) "
            "(aus Umsatzerlöse 1.420,0 (2020) 1.577,5 (2021) in Tausend).",
        ),
        (
            "Wie hoch war die Nettomarge der Muster GmbH im Jahr 2021?",
            "Nettomarge, 2021: 155,0 ÷ 1.577,5 = 9,8 % "
            "(aus Jahresüberschuss 155,0 (2021), Umsatzerlöse 1.577,5 (2021) in Tausend).",
        ),
    ],
)
def test_german_reports_are_computed_in_german(question: str, said: str) -> None:
    draft = computed(question, found(GERMAN, name="muster_2021", language="de"))

    assert draft is not None
    assert draft.text == said
    assert rests(draft.text, [GERMAN])
