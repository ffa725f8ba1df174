"""Presentations in the OpenDocument format."""

import pytest

from core.errors import EmptyDocument, ParserLimit
from ingest.parsers import Limits
from ingest.parsers.odp import PARSER
from tests.ingest.conftest import Written
from tests.ingest.packages import open_document

LIMITS = Limits(100, 1_000_000, 1_000_000)
SLIDES = """<draw:page draw:name="page1"><draw:frame presentation:class="outline"><draw:text-box>
<text:list><text:list-item><text:p>Sales rose</text:p></text:list-item></text:list></draw:text-box></draw:frame>
<draw:frame presentation:class="title"><draw:text-box><text:p>Results</text:p></draw:text-box></draw:frame>
<draw:frame presentation:class="page-number"><draw:text-box><text:p>1</text:p></draw:text-box></draw:frame>
<draw:g><draw:custom-shape><text:p>In a group</text:p></draw:custom-shape></draw:g>
<presentation:notes><draw:frame presentation:class="notes"><draw:text-box>
<text:p>Thank the team.</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>
<draw:page><draw:frame><table:table><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell>
<table:table-cell><text:p>2024</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>
<text:p>Rent</text:p></table:table-cell><table:table-cell><text:p>9</text:p></table:table-cell></table:table-row>
</table:table></draw:frame></draw:page>"""


def test_a_slide_is_a_page(written: Written) -> None:
    document = PARSER.open(written("a.odp", open_document("presentation", SLIDES, title="Year")), LIMITS)
    one, two = document.read(1, 2, lambda _: None)

    assert (document.title, one.name, two.name) == ("Year", "Slide 1", "Slide 2")
    assert [(one.text[line.start : line.end], line.place) for line in one.lines] == [
        ("Results", "Results"),
        ("• Sales rose", "Results"),
        ("In a group", "Results"),
        ("Thank the team.", "Notes"),
    ]
    assert [(two.text[line.start : line.end], line.place) for line in two.lines] == [
        ("Item: Rent | 2024: 9", "Table 1 › row 2")
    ]


def test_no_slides_and_too_many(written: Written) -> None:
    with pytest.raises(EmptyDocument):
        PARSER.open(written("a.odp", open_document("presentation", "")), LIMITS)
    with pytest.raises(ParserLimit, match="pages"):
        PARSER.open(written("b.odp", open_document("presentation", SLIDES)), Limits(1, 1_000, 1_000))
