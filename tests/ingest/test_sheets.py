"""Sheets of cells become lines that say what they hold and where they stand."""

import pytest

from core.errors import ParserLimit
from ingest.parsers import Limits
from ingest.sheets import Row, Sheet, cell_range, column_letters, row_of

LIMITS = Limits(100, 1_000_000, 1)


def rows(*lines: str, first: int = 1) -> list[Row]:
    """Rows from lines with cells between bars; an empty line is an empty row."""
    found = [row_of(n, enumerate(line.split("|"), 1)) for n, line in enumerate(lines, first)]
    return [row for row in found if row is not None]


def told(*lines: str) -> list[tuple[str, str]]:
    sheet = Sheet(LIMITS, 1, "Budget")
    sheet.tell(rows(*lines))
    page = sheet.page()
    return [(page.text[line.start : line.end], line.place) for line in page.lines]


def test_rows_say_what_their_cells_are() -> None:
    assert told("Item|2023|2024", "Rent|900|950", "Power|80|90") == [
        ("Item: Rent | 2023: 900 | 2024: 950", "A2:C2"),
        ("Item: Power | 2023: 80 | 2024: 90", "A3:C3"),
    ]


def test_a_title_stands_over_its_table() -> None:
    lines = told("Costs of the house", "in euros", "Item|Cost", "Rent|900", "Power|80")

    assert lines == [
        ("Costs of the house", "A1"),
        ("in euros", "A2"),
        ("Item: Rent | Cost: 900", "A4:B4"),
        ("Item: Power | Cost: 80", "A5:B5"),
    ]


def test_each_table_has_its_own_headings() -> None:
    lines = told("Item|Cost", "Rent|900", "", "Name|Age|Town", "Ada|36|London", "Bob|40|Paris")

    assert lines[1:] == [
        ("Name: Ada | Age: 36 | Town: London", "A5:C5"),
        ("Name: Bob | Age: 40 | Town: Paris", "A6:C6"),
    ]


def test_headings_hold_on_after_an_empty_row() -> None:
    assert told("Item|Cost", "Rent|900", "Power|80", "", "Water|20", "Gas|30")[2:] == [
        ("Item: Water | Cost: 20", "A5:B5"),
        ("Item: Gas | Cost: 30", "A6:B6"),
    ]


def test_groups_over_headings_are_part_of_them() -> None:
    lines = told("|2023||2024|", "Item|Plan|Actual|Plan|Actual", "Rent|1|2|3|4", "Power|5|6|7|8")

    assert lines[0] == ("Item: Rent | 2023 Plan: 1 | 2023 Actual: 2 | 2024 Plan: 3 | 2024 Actual: 4", "A3:E3")


def test_tables_that_begin_further_right_keep_their_cells() -> None:
    assert told("||Item|Cost", "||Rent|900", "|x|Power|80") == [
        ("Item: Rent | Cost: 900", "C2:D2"),
        ("x | Item: Power | Cost: 80", "B3:D3"),
    ]


def test_words_without_a_table_are_lines() -> None:
    assert told("Remember the milk.") == [("Remember the milk.", "A1")]
    assert told("only|headings") == [("only | headings", "A1:B1")]


def test_what_is_too_long_is_cut_off_and_said() -> None:
    sheet = Sheet(Limits(1, 60, 1), 1, "Long")
    sheet.tell(rows("Item|Cost", *(f"Thing {n}|{n}" for n in range(50))))

    assert sheet.is_cut and len(sheet.page().text) <= 60
    with pytest.raises(ParserLimit):
        Sheet(Limits(1, 5, 1), 1, "Long").tell(rows("Item|Cost", "Rent|900"))


@pytest.mark.parametrize(
    ("column", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")]
)
def test_columns_have_letters(column: int, letters: str) -> None:
    assert column_letters(column) == letters


def test_a_single_cell_is_no_range() -> None:
    assert (cell_range(Row(5, 2, ("x",))), cell_range(Row(5, 2, ("x", "", "y")))) == ("B5", "B5:D5")
