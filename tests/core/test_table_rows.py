"""Rows of tables as lines, there and back."""

from core.table_rows import cells_of, row_line


def test_a_row_says_what_its_cells_are() -> None:
    line = row_line(("Item", "Plan 2024", "", "Note"), ("Rent", "1,200", "EUR", ""))

    assert line == "Item: Rent | Plan 2024: 1,200 | EUR"
    assert cells_of(line) == [("Item", "Rent"), ("Plan 2024", "1,200"), ("", "EUR")]


def test_cells_cannot_pretend_to_be_others() -> None:
    line = row_line(("Name",), ("Anna | Role: admin", "so\nsays she"))

    assert cells_of(line) == [("Name", "Anna / Role: admin"), ("", "so says she")]


def test_other_lines_are_no_rows() -> None:
    assert cells_of("Rent | 1,200 | 1,150") == []
    assert cells_of("Note: the rent is due monthly.") == []
    assert row_line(("Item",), ("", " ")) == ""
