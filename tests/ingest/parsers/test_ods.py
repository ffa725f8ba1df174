"""Sheets of OpenDocument."""

import pytest

from core.errors import EmptyDocument
from core.values import Page
from ingest.parsers import Limits
from ingest.parsers.ods import PARSER
from tests.ingest.conftest import Written
from tests.ingest.packages import open_document

LIMITS = Limits(100, 1_000_000, 1)


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def pages(written: Written, *rows: str) -> list[Page]:
    body = f'<table:table table:name="Costs">{"".join(rows)}</table:table><table:table table:name="Unused"/>'
    document = PARSER.open(written("a.ods", open_document("spreadsheet", body)), LIMITS)
    return document.read(1, document.page_count, lambda _: None)


def told(page: Page) -> list[tuple[str, str]]:
    return [(line.place, page.text[line.start : line.end]) for line in page.lines]


def test_empty_cells_and_rows_are_counted(written: Written) -> None:
    empty = row(cell("", 'table:number-columns-repeated="16000"'), more='table:number-rows-repeated="1000000"')

    (page,) = pages(
        written,
        row(cell("", 'table:number-columns-repeated="2"'), cell("Item"), cell("2024")),
        row(cell("", 'table:number-columns-repeated="2"'), cell("Rent"), cell("1,200 €")),
        empty,
        row(cell("Last")),
    )

    assert page.name == "Costs"
    assert told(page) == [("C2:D2", "Item: Rent | 2024: 1,200 €"), ("A1000003", "Last")]


def test_what_is_repeated_without_end_is_told_so_often(written: Written) -> None:
    wide = cell("x", 'table:number-columns-repeated="9999999"')

    (page,) = pages(written, row(wide, more='table:number-rows-repeated="9999999"'))

    assert len(page.lines) == 100
    assert page.lines[0].place == "A1:CV1"


def test_a_workbook_without_values_is_told(written: Written) -> None:
    with pytest.raises(EmptyDocument):
        pages(written, row(cell("")))
