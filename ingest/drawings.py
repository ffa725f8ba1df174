"""What slides are made of: text, tables and charts, as DrawingML has them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ingest.packages import Element
from ingest.tables import Cell, span_of

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_MOST_POINTS = 10_000  # of a series
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_DATE_CODE = re.compile(r"(?<!\[)[ymd]{1,4}[/.\-: \\]*[ymd]", re.IGNORECASE)
_DAY_ZERO = date(1899, 12, 30)  # how spreadsheets count days
_MOST_DAYS = 2_958_466


def paragraphs(holder: Element) -> Iterator[str]:
    """The paragraphs of a shape, line breaks kept, without fields that only number the slide."""
    for paragraph in holder.iter(f"{A}p"):
        parts = []
        for one in paragraph:
            if one.tag == f"{A}br":
                parts.append("\n")
            elif one.tag == f"{A}r" or (one.tag == f"{A}fld" and one.get("type") != "slidenum"):
                parts += [text.text or "" for text in one.iter(f"{A}t")]
        if text := "".join(parts).strip():
            yield text


def table_rows(table: Element) -> tuple[list[list[Cell]], int | None]:
    """The rows of a table and how many of them head it, None where it does not say."""
    above: dict[int, str] = {}
    rows = [list(_row(row, above)) for row in table.iter(f"{A}tr")]
    properties = table.find(f"{A}tblPr")
    headed = properties is not None and properties.get("firstRow") in {"1", "true"}
    return rows, 1 if headed and len(rows) > 1 else None


def _row(row: Element, above: dict[int, str]) -> Iterator[Cell]:
    for column, cell in enumerate(row.findall(f"{A}tc")):
        text = " ".join(paragraphs(cell))
        if cell.get("vMerge") in {"1", "true"}:
            text = above.get(column, "")
        above[column] = text
        if cell.get("hMerge") not in {"1", "true"}:
            yield Cell(text, span_of(cell.get("gridSpan", "1")))


def chart_title(chart: Element) -> str:
    """The title that a chart shows, empty where it has none of its own."""
    title = chart.find(f"{C}chart/{C}title")
    return " ".join(paragraphs(title)) if title is not None else ""


def chart_rows(chart: Element) -> list[list[Cell]]:
    """The values that a chart was drawn from: a row for each category, a column for each series."""
    series = list(chart.iter(f"{C}ser"))
    names = [" ".join(_points(one.find(f"{C}tx")).values()) for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories |= _points(_either(one, "cat", "xVal"))
    values = [_points(_either(one, "val", "yVal")) for one in series]
    places = sorted({place for points in values for place in points})
    rows = [[categories.get(place, ""), *(points.get(place, "") for points in values)] for place in places]
    return [[Cell(text) for text in row] for row in [["", *names], *rows]] if rows else []


def _either(series: Element, *names: str) -> Element | None:
    return next((found for name in names if (found := series.find(f"{C}{name}")) is not None), None)


def _points(holder: Element | None) -> dict[int, str]:
    """The values that the program stored last, by their places."""
    found: dict[int, str] = {}
    if holder is None:
        return found
    code = next((one.text or "" for one in holder.iter(f"{C}formatCode")), "")
    for point in holder.iter(f"{C}pt"):
        place = point.get("idx", "")
        if place.isdecimal() and len(found) < _MOST_POINTS:
            found[int(place)] = _shown(point.findtext(f"{C}v") or "", point.get("formatCode") or code)
    return found


def _shown(text: str, code: str) -> str:
    """A number as people see it: a date, a percentage, or `4.3` where programs store `4.2999999999999998`."""
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    if _DATE_CODE.search(code) and 0 < number < _MOST_DAYS:
        return (_DAY_ZERO + timedelta(days=int(number))).isoformat()
    return f"{number * 100:.6g}%" if "%" in code else f"{number:.12g}"
