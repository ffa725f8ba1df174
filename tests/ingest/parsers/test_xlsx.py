"""Workbooks."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest

from core.errors import CorruptDocument, EmptyDocument, ParserLimit
from core.values import Page
from ingest.parsers import Limits
from ingest.parsers.xlsx import PARSER
from tests.ingest.conftest import Written

LIMITS = Limits(100, 1_000_000, 1)


def workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    fill(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def pages(written: Written, data: bytes, limits: Limits = LIMITS) -> tuple[list[Page], tuple[str, ...]]:
    document = PARSER.open(written("a.xlsx", data), limits)
    return document.read(1, document.page_count, lambda _: None), document.warnings


def replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something else in one of its parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old, new) if name == part else content)
    return buffer.getvalue()


def budget(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("Budget 2024")
    for row in (("Item", "Cost", "Share", "Due"), ("Rent", 900.5, 0.75, date(2024, 5, 1)), ("Power", 80, 0.25, None)):
        sheet.append(row)
    sheet["B2"].number_format = '#,##0.00 "€"'
    sheet["C2"].number_format = sheet["C3"].number_format = "0%"
    sheet["B4"] = "=SUM(B2:B3)"
    other = book.create_sheet("Notes")
    other["C7"] = "Ask the landlord."
    other.sheet_state = "hidden"


def test_sheets_are_pages_and_cells_places(written: Written) -> None:
    (first, second), warnings = pages(written, workbook(budget))

    # What wrote it calculates nothing, so the sum in B4 is missing.
    assert (first.name, second.name, warnings) == ("Budget 2024", "Notes (hidden)", ("uncalculated",))
    assert [(first.text[line.start : line.end], line.place) for line in first.lines] == [
        ("Item: Rent | Cost: 900.50 € | Share: 75% | Due: 2024-05-01", "A2:D2"),
        ("Item: Power | Cost: 80 | Share: 25%", "A3:C3"),
    ]
    assert [(second.text, line.place) for line in second.lines] == [("Ask the landlord.", "C7")]


def test_formulas_are_told_by_what_came_out(written: Written) -> None:
    data = replaced(workbook(budget), "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>980.5</v>")
    data = replaced(data, "xl/worksheets/sheet1.xml", b"<v />", b"<v>980.5</v>")
    (first, _), warnings = pages(written, data)

    assert "980.5" in first.text and "SUM" not in first.text and warnings == ()


@pytest.mark.parametrize("formula", [b"<f>SUM(B2:B3)</f>", b'<f t="shared" si="0"/>', b"<x:f>B2</x:f> <x:v/>"])
def test_formulas_without_results_are_told_wherever_they_stand(written: Written, formula: bytes) -> None:
    end = b"</x:c>" if b"x:" in formula else b"</c>"
    data = replaced(workbook(budget), "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>980.5</v>")
    data = replaced(data, "xl/worksheets/sheet1.xml", b"<v />", b"<v>980.5</v>")
    data = replaced(data, "xl/worksheets/sheet2.xml", b"<sheetData>", formula + end + b"<sheetData>")

    assert "uncalculated" in pages(written, data)[1]


def test_a_workbook_of_formulas_without_results_says_what_to_do(written: Written) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.create_sheet("Sums")["A1"] = "=1+1"

    with pytest.raises(EmptyDocument, match="formulas whose results"):
        pages(written, workbook(fill))


def test_dimensions_that_lie_are_not_believed(written: Written) -> None:
    data = replaced(workbook(budget), "xl/worksheets/sheet1.xml", b'ref="A1:D4"', b'ref="A1:XFD1048576"')
    assert pages(written, data)[0] == pages(written, workbook(budget))[0]


def test_a_sheet_that_is_damaged_leaves_the_others(written: Written) -> None:
    data = replaced(workbook(budget), "xl/worksheets/sheet1.xml", b"</sheetData>", b"<row><c")
    (_, second), warnings = pages(written, data)

    assert (second.text, warnings) == ("Ask the landlord.", ("uncalculated", "damaged"))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_declarations_are_refused(written: Written, part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(workbook(budget))) as source:
        head = source.read(part)[:12]
    data = replaced(workbook(budget), part, head, bomb + head if not head.startswith(b"<?xml") else head)
    if head.startswith(b"<?xml"):
        data = replaced(workbook(budget), part, b"?>", b"?>" + bomb)

    with pytest.raises(CorruptDocument, match="document type"):
        pages(written, data)


def test_too_many_sheets_are_refused(written: Written) -> None:
    with pytest.raises(ParserLimit, match="pages"):
        pages(written, workbook(budget), Limits(1, 1000, 1))


def test_a_long_sheet_is_cut_off_and_says_so(written: Written) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Long")
        for number in range(500):
            sheet.append((f"Thing {number}", number))

    (page,), warnings = pages(written, workbook(fill), Limits(10, 1_000, 1))

    assert warnings == ("cut_off",) and 900 < len(page.text) <= 1_000


def test_sheets_that_nobody_has_used_are_no_pages(written: Written) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("Used")["B2"] = "Ulm"
    workbook.create_sheet("Unused")
    buffer = io.BytesIO()
    workbook.save(buffer)

    document = PARSER.open(written("a.xlsx", buffer.getvalue()), LIMITS)

    (page,) = document.read(1, document.page_count, lambda _: None)
    assert (page.number, page.name, page.text) == (1, "Used", "Ulm")
