"""Values of charts as people see them."""

import pytest

from ingest.drawings import C, chart_rows
from ingest.packages import parsed

_CHART = (
    '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:ser><c:cat><c:numRef><c:numCache>'
    '<c:formatCode>{code}</c:formatCode><c:pt idx="0"><c:v>{value}</c:v></c:pt></c:numCache></c:numRef></c:cat>'
    '<c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>1</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>'
    "</c:chartSpace>"
)


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("General", "4.2999999999999998", "4.3"),
        ("General", "37261", "37261"),
        ("d/m/yyyy", "37261", "2002-01-05"),
        ("yyyy\\-mm\\-dd", "37261", "2002-01-05"),
        ("0.0%", "0.255", "25.5%"),
        ("#,##0", "-12", "-12"),
        ("d/m/yyyy", "99999999999", "99999999999"),
        ("General", "1e999", "1e999"),
        ("General", "North", "North"),
    ],
)
def test_values_are_told_as_they_are_shown(code: str, value: str, shown: str) -> None:
    rows = chart_rows(parsed(_CHART.format(code=code, value=value).encode()))

    assert rows[1][0].text == shown


def test_a_chart_without_values_has_no_rows() -> None:
    assert chart_rows(parsed(f'<a xmlns="{C.strip("{}")}"><ser/></a>'.encode())) == []
