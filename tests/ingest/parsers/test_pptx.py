"""Presentations: a page for each slide."""

import io

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation
from pptx.util import Inches

from core.errors import EmptyDocument, ParserLimit
from core.values import Page
from ingest.parsers import Limits
from ingest.parsers.pptx import PARSER, PptxDocument
from tests.ingest.conftest import Written

LIMITS = Limits(100, 1_000_000, 1_000_000)
BOX = (Inches(1), Inches(2), Inches(6), Inches(2))


def saved(presentation: Presentation) -> bytes:
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def opened(written: Written, presentation: Presentation) -> PptxDocument:
    return PARSER.open(written("a.pptx", saved(presentation)), LIMITS)


def pages(written: Written, presentation: Presentation) -> list[Page]:
    document = opened(written, presentation)
    return document.read(1, document.page_count, lambda _: None)


def places(page: Page) -> dict[str, str]:
    return {page.text[line.start : line.end]: line.place for line in page.lines}


@pytest.fixture
def presentation() -> Presentation:
    made: Presentation = pptx.Presentation()
    made.core_properties.title = "Results 2024"
    return made


def test_a_slide_is_a_page(presentation: Presentation, written: Written) -> None:
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.add_textbox(*BOX).text_frame.text = "Beside the text"
    first.shapes.title.text = "Results"
    first.placeholders[1].text_frame.text = "Sales rose\nCosts fell"
    first.notes_slide.notes_text_frame.text = "Thank the team."
    second = presentation.slides.add_slide(presentation.slide_layouts[6])
    second.shapes.add_textbox(*BOX).text_frame.text = "No title here"

    document = opened(written, presentation)
    one, two = document.read(1, 2, lambda _: None)

    assert (document.title, document.page_count, document.warnings) == ("Results 2024", 2, ())
    assert (one.name, two.name) == ("Slide 1", "Slide 2")
    assert places(one) == {
        "Results": "Results",
        "Sales rose": "Results",
        "Costs fell": "Results",
        "Beside the text": "Results",
        "Thank the team.": "Notes",
    }
    assert places(two) == {"No title here": ""}


def test_tables_and_charts_are_rows(presentation: Presentation, written: Written) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Costs"
    table = slide.shapes.add_table(3, 3, *BOX).table
    for number, text in enumerate(["Item", "2024", "2023", "Rent", "1,200", "1,150", "", "20", "30"]):
        table.cell(number // 3, number % 3).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    data = CategoryChartData()
    data.categories = ["North", "South"]
    data.add_series("Sales", (4.3, 2.5))
    data.add_series("Costs", (3, None))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "By region"

    (page,) = pages(written, presentation)

    assert places(page) == {
        "Costs": "Costs",
        "Item: Rent | 2024: 1,200 | 2023: 1,150": "Costs › Table 1 › row 2",
        "Item: Rent | 2024: 20 | 2023: 30": "Costs › Table 1 › row 3",
        "By region": "Costs",
        "North | Sales: 4.3 | Costs: 3": "Costs › Chart 1 › row 2",
        "South | Sales: 2.5": "Costs › Chart 1 › row 3",
    }


def test_groups_are_opened_and_hidden_shapes_are_not(presentation: Presentation, written: Written) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    inner.shapes.add_textbox(*BOX).text_frame.text = "Deep inside"
    unseen = slide.shapes.add_textbox(*BOX)
    unseen.text_frame.text = "Unseen"
    unseen._element.nvSpPr.cNvPr.set("hidden", "1")

    document = opened(written, presentation)

    assert [page.text for page in document.read(1, 1, lambda _: None)] == ["Deep inside"]
    assert document.warnings == ("hidden_text",)


def test_a_hidden_slide_is_named_so(presentation: Presentation, written: Written) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    slide._element.set("show", "0")

    assert [page.name for page in pages(written, presentation)] == ["Slide 1 (hidden)"]


def test_no_slides_and_too_many(presentation: Presentation, written: Written) -> None:
    with pytest.raises(EmptyDocument):
        opened(written, presentation)
    for _ in range(3):
        presentation.slides.add_slide(presentation.slide_layouts[6])
    with pytest.raises(ParserLimit, match="pages"):
        PARSER.open(written("b.pptx", saved(presentation)), Limits(2, 1_000, 1_000))
