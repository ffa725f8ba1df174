"""Tables as lines that say by themselves what they hold."""

import pytest

from ingest.tables import Cell, TableLine, column_names, guess_heading_rows, laid_out, span_of, table_lines

COSTS = [["Item", "2024", "2023"], ["Rent", "1,200", "1,150"], ["Heating", "(20)", ""]]


def lines(rows: list[list[str]], heading_rows: int | None = None) -> list[str]:
    return [line.text for line in table_lines(rows, heading_rows)]


def test_each_row_repeats_the_headings() -> None:
    assert list(table_lines(COSTS)) == [
        TableLine(2, "Item: Rent | 2024: 1,200 | 2023: 1,150"),
        TableLine(3, "Item: Heating | 2024: (20)"),
    ]


def test_headings_of_two_rows_are_joined() -> None:
    rows = [["", "2024", "2024", "2023"], ["EUR million", "Plan", "Actual", "Actual"], ["Rent", "3", "4", "5"]]

    assert column_names(rows[:2]) == ("EUR million", "2024 Plan", "2024 Actual", "2023 Actual")
    assert lines(rows, 2) == ["EUR million: Rent | 2024 Plan: 3 | 2024 Actual: 4 | 2023 Actual: 5"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (COSTS, 1),
        ([["", "Q1 2024", "Q2 2024"], ["Rent", "1", "2"]], 1),
        ([["Name", "City", "Role"], ["Anna", "Berlin", "Head"], ["Ben", "Rome", "Clerk"]], 1),
        ([["Contact", "Anna"], ["City", "Berlin"]], 0),
        ([["Contact", "0123"], ["Room", "17"]], 0),
        ([["Rent", "1,200", "1,150"], ["Heating", "20", "30"]], 0),
        ([["One", "two", "three"]], 0),
        ([["Yes", "Yes", "No"], ["No", "No", "Yes"]], 0),
        ([], 0),
    ],
)
def test_headings_are_told_from_rows(rows: list[list[str]], expected: int) -> None:
    assert guess_heading_rows(rows) == expected


def test_a_table_of_headings_alone_is_not_lost() -> None:
    assert lines([["Name", "Date"], ["", ""]], 1) == ["Name | Date"]


def test_what_is_laid_out_as_a_table_stays_text() -> None:
    long = "A sentence that goes on. " * 20

    assert lines([["Left", long]]) == ["Left", long.strip()]
    assert lines([[]]) == lines([]) == []


def test_cells_stretch_over_columns() -> None:
    laid = laid_out(
        [[Cell("Costs", 3)], [Cell(""), Cell("2024", 2)], [Cell("Item"), Cell("a"), Cell("b")], [Cell("c", 2)]]
    )

    assert (laid.caption, laid.first, laid.heading_rows) == ("Costs", 2, 2)
    assert laid.rows == (("", "2024", "2024"), ("Item", "a", "b"), ("c", ""))


def test_cells_that_stretch_without_end_do_not() -> None:
    laid = laid_out([[Cell("a", 900), Cell("b", 900)], [Cell("c")]])

    assert laid.rows == (("a", "b"), ("c",))


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2", 2), (" 003 ", 3), ("1000000", 1000), ("9" * 5_000, 1000), ("0", 1), ("-1", 1), ("²", 1), ("", 1)],
)
def test_a_span_is_a_number_within_bounds(written: str, expected: int) -> None:
    assert span_of(written) == expected
