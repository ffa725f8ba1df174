"""Values of cells as a spreadsheet shows them."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.number_formats import told


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (None, "General", ""),
        ("words", "@", "words"),
        (True, "General", "TRUE"),
        (3, "General", "3"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (-1234.5, "General", "-1234.5"),
        (1234.5, "#,##0", "1,234" if round(1234.5) == 1234 else "1,235"),
        (1234.567, "#,##0.00", "1,234.57"),
        (1234.5, "0.0##", "1234.5"),
        (2.0, "0.##", "2"),
        (0.125, "0.0%", "12.5%"),
        (0.125, "0%", "12%"),
        (-5, "#,##0.00 [$€-407]", "-5.00 €"),
        (1200, '"$"#,##0', "$1,200"),
        (-1200, "$#,##0;($#,##0)", "-$1,200"),
        (7, "[$CHF] #,##0.00", "CHF 7.00"),
        (1_500_000, "#,##0,", "1500000"),
        (0.5, "# ?/?", "0.5"),
        (12345, "0.00E+00", "12345"),
        (5, '0 "pieces"', "5"),
        (0, '0.00;-0.00;"none"', "0.00"),
        (datetime(2024, 5, 1), "yyyy-mm-dd", "2024-05-01"),
        (datetime(2024, 5, 1, 9, 30), "General", "2024-05-01 09:30"),
        (date(2024, 5, 1), "General", "2024-05-01"),
        (time(9, 30), "h:mm", "09:30:00"),
        (timedelta(hours=30), "[h]:mm", "1 day, 6:00:00"),
        (float("inf"), "0", ""),
    ],
)
def test_values_are_shown_as_people_see_them(value: object, number_format: str, text: str) -> None:
    assert told(value, number_format) == text


@given(st.floats() | st.integers(), st.text(alphabet='#0?,.%;"[]$€-E+/ _*\\@aGeneral', max_size=20))
def test_any_format_gives_some_text(value: float, number_format: str) -> None:
    assert isinstance(told(value, number_format), str)
