"""Years and quarters in questions and at the beginning of documents."""

import pytest

from retrieval.periods import agreement, covered, mentioned


@pytest.mark.parametrize(
    ("text", "years", "quarters"),
    [
        ("What was revenue in FY2018?", {2018}, set()),
        ("Did it grow between FY20 and FY21?", {2020, 2021}, set()),
        ("Net income in 2022 Q2", {2022}, {2}),
        ("the second fiscal quarter of 2023", {2023}, {2}),
        ("Revenue in Q22023", {2023}, {2}),
        ("ACME_2021Q1_10Q", {2021}, {1}),
        ("Order 120185 of 20,180 pieces", set(), set()),
    ],
)
def test_periods_are_read_from_questions_and_names(text: str, years: set[int], quarters: set[int]) -> None:
    found = mentioned(text.replace("_", " "))

    assert set(found.years) == years
    assert set(found.quarters) == quarters


@pytest.mark.parametrize(
    ("opening", "years", "quarters"),
    [
        ("Filed on March 3, 2019. For the fiscal year ended December 31, 2018", {2018: 1.0}, set()),
        ("for the fiscal year ended February 2, 2019", {2019: 1.0, 2018: 0.8}, set()),
        ("QUARTERLY REPORT for the quarterly period ended June 30, 2021", {2021: 1.0, 2022: 0.4}, {2}),
        ("Geschäftsbericht zum 31. Dezember 2020", {2020: 1.0}, set()),
        ("March 14, 2024. Results of fiscal 2023", {2024: 1.0, 2023: 1.0}, set()),
        ("Acme announces first quarter fiscal 2023 results", {2023: 1.0}, {1}),
        ("Annual report. Its second quarter ended June 30, 2021", {2021: 1.0}, set()),
        ("Nothing about time.", {}, set()),
    ],
)
def test_a_document_covers_what_its_beginning_says(opening: str, years: dict[int, float], quarters: set[int]) -> None:
    found = covered("a1b2c3", opening)

    assert found.years == years
    assert set(found.quarters) == quarters


def test_the_last_year_asked_for_counts_and_reports_show_years_before_their_own() -> None:
    asked = mentioned("Average margin of FY2017 to FY2019")
    fits = [agreement(asked, mentioned(str(year))) for year in (2018, 2019, 2020, 2021, 2022)]

    assert fits[1] > fits[2] > fits[3] > fits[4] == fits[0]


def test_a_quarter_that_nobody_asked_for_counts_against_a_document() -> None:
    assert agreement(mentioned("in 2021"), mentioned("2021 Q3")) < agreement(mentioned("in 2021"), mentioned("2021"))
    assert agreement(mentioned("in 2021"), mentioned("2021 Q4")) == agreement(mentioned("in 2021"), mentioned("2021"))
    assert agreement(mentioned("Q3 of 2021"), mentioned("2021 Q3")) > agreement(mentioned("Q3 2021"), mentioned("2021"))
