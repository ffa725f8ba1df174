"""Word documents as their readers see them."""

import io
import zipfile
from collections.abc import Sequence

import docx
import pytest
from docx.document import Document

from core.values import Page
from ingest.parsers import Limits
from ingest.parsers.docx import PARSER, DocxDocument
from tests.ingest.conftest import Written
from tests.ingest.packages import paragraph, part, word

LIMITS = Limits(100, 1_000_000, 1_000_000)


def opened(written: Written, data: bytes) -> DocxDocument:
    return PARSER.open(written("a.docx", data), LIMITS)


def page_of(written: Written, data: bytes) -> Page:
    (page,) = opened(written, data).read(1, 1, lambda _: None)
    return page


def told(written: Written, data: bytes) -> list[str]:
    page = page_of(written, data)
    return [page.text[line.start : line.end] for line in page.lines]


def places(page: Page) -> dict[str, str]:
    return {page.text[line.start : line.end]: line.place for line in page.lines}


def _run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def saved(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def handbook() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Staff handbook 2024"
    document.add_heading("Staff handbook", 0)
    document.add_paragraph("Foreword to all.")
    document.add_heading("Vacation", 1)
    document.add_paragraph("Everyone has 30 days of vacation.")
    document.add_heading("Carrying over", 2)
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("second", style="List Number")
    document.add_paragraph("without number", style="List Bullet")
    rows: Sequence[Sequence[str]] = [["Grade", "Days", "Bonus (EUR)"], ["A", "30", "1,200"], ["B", "28", "900"]]
    table = document.add_table(3, 3)
    for number, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.cell(number, column).text = text
    document.sections[0].header.paragraphs[0].text = "ACME Ltd"
    document.sections[0].footer.paragraphs[0].text = "Internal"
    return saved(document)


def test_a_document_of_word_itself(written: Written) -> None:
    document = opened(written, handbook())
    (page,) = document.read(1, 1, lambda _: None)

    assert (document.title, document.warnings, document.page_count) == ("Staff handbook 2024", (), 1)
    assert places(page) == {
        "Staff handbook": "Staff handbook",
        "Foreword to all.": "Staff handbook",
        "Vacation": "Staff handbook › Vacation",
        "Everyone has 30 days of vacation.": "Staff handbook › Vacation",
        "Carrying over": "Staff handbook › Vacation › Carrying over",
        "1. first": "Staff handbook › Vacation › Carrying over",
        "2. second": "Staff handbook › Vacation › Carrying over",
        "• without number": "Staff handbook › Vacation › Carrying over",
        "Grade: A | Days: 30 | Bonus (EUR): 1,200": "Staff handbook › Vacation › Carrying over › Table 1 › row 2",
        "Grade: B | Days: 28 | Bonus (EUR): 900": "Staff handbook › Vacation › Carrying over › Table 1 › row 3",
        "ACME Ltd": "Header",
        "Internal": "Footer",
    }
    headings = [page.text[line.start : line.end] for line in page.lines if line.heading]
    assert headings == ["Staff handbook", "Vacation", "Carrying over"]


def test_cells_that_are_merged_are_told_in_each_row(written: Written) -> None:
    document = docx.Document()
    table = document.add_table(4, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Costs in EUR thousand"
    for number, cells in enumerate([["Region", "2024", "2023"], ["North", "1,200", "1,150"], ["", "20", "30"]], 1):
        for column, text in enumerate(cells):
            table.cell(number, column).text = text
    table.cell(2, 0).merge(table.cell(3, 0))

    assert told(written, saved(document)) == [
        "Costs in EUR thousand",
        "Region: North | 2024: 1,200 | 2023: 1,150",
        "Region: North | 2024: 20 | 2023: 30",
    ]


@pytest.mark.parametrize(
    ("style", "bold", "expected"),
    [
        (None, False, ["Name | Role", "Anna | Clerk"]),
        (None, True, ["Name: Anna | Role: Clerk"]),
        ("Light Grid Accent 1", False, ["Name: Anna | Role: Clerk"]),
        ("Table Grid", False, ["Name | Role", "Anna | Clerk"]),
    ],
)
def test_a_row_that_looks_different_heads_the_table(
    style: str | None, bold: bool, expected: list[str], written: Written
) -> None:
    document = docx.Document()
    table = document.add_table(2, 2, style)
    for number, text in enumerate(["Name", "Role", "Anna", "Clerk"]):
        run = table.cell(number // 2, number % 2).paragraphs[0].add_run(text)
        run.bold = bold and number < 2

    assert told(written, saved(document)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<w:p><w:ins>{_run('New')}</w:ins><w:del><w:r><w:delText>Old</w:delText></w:r></w:del></w:p>", ["New"]),
        (f"<w:p><w:moveFrom>{_run('gone')}</w:moveFrom><w:moveTo>{_run('here')}</w:moveTo></w:p>", ["here"]),
        ("<w:p><w:hyperlink><w:r><w:t>A link</w:t></w:r></w:hyperlink></w:p>", ["A link"]),
        ("<w:sdt><w:sdtContent>" + paragraph("In a form") + "</w:sdtContent></w:sdt>", ["In a form"]),
        ("<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>", ["one two", "three"]),
        ("<w:p><w:r><w:instrText>PAGE 1</w:instrText><w:t>5</w:t></w:r></w:p>", ["5"]),
        ("<w:p><m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath></w:p>", ["a=b"]),
        (
            "<w:p><w:r><w:t>Beside</w:t><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>"
            + paragraph("In a box")
            + "</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
            + paragraph("In a box")
            + "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            ["Beside", "In a box"],
        ),
        (
            "<w:tbl><w:tr><w:tc>" + paragraph("Framed") + paragraph("text") + "</w:tc></w:tr></w:tbl>",
            ["Framed", "text"],
        ),
        (
            "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + paragraph("no") + "</w:tc></w:tr><w:tr><w:tc>"
            + paragraph("a") + "</w:tc><w:tc>" + paragraph("b") + "</w:tc></w:tr></w:tbl>",
            ["a | b"],
        ),
    ],
)  # fmt: skip
def test_what_readers_see_is_read(body: str, expected: list[str], written: Written) -> None:
    assert told(written, word(body)) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        paragraph("secret", run="<w:vanish/>"),
        paragraph("secret", run='<w:sz w:val="2"/>'),
        paragraph("secret", run='<w:color w:val="FFFFFF"/>'),
        paragraph("secret", run='<w:rStyle w:val="Unseen"/>'),
        paragraph("secret", properties='<w:pStyle w:val="Unseen"/>'),
    ],
)
def test_hidden_text_is_left_out_and_told(hidden: str, written: Written) -> None:
    styles = part(
        "styles", '<w:style w:styleId="Unseen"><w:name w:val="x"/><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>'
    )
    document = opened(written, word(paragraph("Shown") + hidden, styles=styles))

    assert document.warnings == ("hidden_text",)
    assert [page.text for page in document.read(1, 1, lambda _: None)] == ["Shown"]


@pytest.mark.parametrize(
    "body",
    [
        paragraph("Shown", run='<w:vanish w:val="0"/>'),
        paragraph("Shown", run='<w:color w:val="FFFFFF"/><w:shd w:fill="000000"/>'),
        paragraph("Shown", properties='<w:shd w:fill="000000"/>', run='<w:color w:val="FFFFFF"/>'),
        "<w:tbl><w:tr><w:tc>" + paragraph("Shown", run='<w:color w:val="FFFFFF"/>') + "</w:tc></w:tr></w:tbl>",
    ],
)
def test_what_can_be_seen_is_not_hidden(body: str, written: Written) -> None:
    document = opened(written, word(body))

    assert document.warnings == ()
    assert [page.text for page in document.read(1, 1, lambda _: None)] == ["Shown"]


def test_notes_follow_the_paragraph_that_points_at_them(written: Written) -> None:
    body = '<w:p><w:r><w:t>Rent rises.</w:t><w:footnoteReference w:id="7"/></w:r></w:p>' + paragraph("More.")
    notes = part("footnotes", f'<w:footnote w:id="7">{paragraph("By 2 percent.")}</w:footnote>')
    page = page_of(written, word(body, footnotes=notes))

    assert places(page) == {
        "Rent rises.": "paragraph 1",
        "(1) By 2 percent.": "paragraph 1 › Footnote 1",
        "More.": "paragraph 2",
    }


def test_headings_have_the_numbers_that_word_gives_them(written: Written) -> None:
    level = '<w:lvl w:ilvl="{0}"><w:start w:val="1"/><w:numFmt w:val="{1}"/><w:lvlText w:val="{2}"/></w:lvl>'
    numbering = part(
        "numbering",
        '<w:abstractNum w:abstractNumId="0">'
        + level.format(0, "decimal", "%1.")
        + level.format(1, "decimal", "%1.%2")
        + level.format(2, "lowerLetter", "(%3)")
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    )

    def numbered(text: str, depth: int, outline: str = "") -> str:
        return paragraph(text, properties=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr>{outline}')

    outlines = [f'<w:outlineLvl w:val="{depth}"/>' for depth in range(2)]
    body = (
        numbered("Rent", 0, outlines[0])
        + numbered("Due date", 1, outlines[1])
        + numbered("monthly", 2)
        + numbered("in advance", 2)
        + numbered("Notice", 0, outlines[0])
        + numbered("Period", 1, outlines[1])
        + numbered("three months", 2)
    )
    page = page_of(written, word(body, numbering=numbering))

    assert places(page) == {
        "1. Rent": "1. Rent",
        "1.1 Due date": "1. Rent › 1.1 Due date",
        "(a) monthly": "1. Rent › 1.1 Due date",
        "(b) in advance": "1. Rent › 1.1 Due date",
        "2. Notice": "2. Notice",
        "2.1 Period": "2. Notice › 2.1 Period",
        "(a) three months": "2. Notice › 2.1 Period",
    }


def test_lines_in_bold_are_headings_where_there_are_no_others(written: Written) -> None:
    bold = paragraph("Notice period", run="<w:b/>")
    page = page_of(written, word(bold + paragraph("It is three months, as agreed.")))

    assert [line.heading for line in page.lines] == [True, False]
    assert page.lines[1].place == "Notice period"


def test_a_document_of_the_strict_form_is_read(written: Written) -> None:
    usual = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    source, target = zipfile.ZipFile(io.BytesIO(word(paragraph("Words")))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in source.namelist():
            strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
            file.writestr(name, source.read(name).replace(usual, strict))

    assert told(written, target.getvalue()) == ["Words"]


def test_deep_nesting_ends(written: Written) -> None:
    body = paragraph("core")
    for _ in range(30):
        body = f"<w:tbl><w:tr><w:tc>{body}</w:tc></w:tr></w:tbl>"

    assert told(written, word(paragraph("Before") + body)) == ["Before", "core"]
