"""The journey that everything else is for: sign in, add documents, ask, see the page, delete, ask again."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.values import User
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.web.browser.visitors import Visitor

QUESTION = "What were the purchases of property, plant and equipment in 2018?"
ANSWER = re.compile(r"1,577")
FILINGS = {
    "north-2018.pdf": [
        ["Annual report 2018", "This page is about the year in general."],
        [
            "Consolidated Statement of Cash Flows",
            "Cash Flows from Investing Activities",
            "Purchases of property, plant and equipment (PP&E) in 2018 were 1,577 million.",
            "Proceeds from the sale of businesses were 846 million.",
        ],
    ],
    "south-2018.pdf": [["The southern region employed 412 people in the year 2017, most of them in sales."]],
    "west.pdf": [["Minutes of the western board. The board approved the travel policy unanimously."]],
}
# The pen that the server marks quoted words with.
COUNT_MARKED = """async image => {
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const isMarked = (at) => data[at] === 255 && data[at + 1] === 235 && data[at + 2] === 120;
  let marked = 0;
  for (let at = 0; at < data.length; at += 4) marked += isMarked(at);
  return marked;
}"""


@pytest.fixture
def filings(tmp_path: Path) -> list[Path]:
    """Three filings of our own."""
    folder = tmp_path / "filings"
    folder.mkdir()
    for name, pages in FILINGS.items():
        (folder / name).write_bytes(pdf(*[Sheet(lines(*page)) for page in pages]))
    return sorted(folder.iterdir())


def marked_pixels(page: Page) -> int:
    """How much of the page image in the viewer is marked."""
    image = page.locator("#viewer img.sheet")
    expect(image).to_be_visible()
    return int(image.evaluate(COUNT_MARKED))


def test_the_journey(visit: Callable[..., Visitor], user: User, filings: list[Path]) -> None:
    visitor = visit(user)
    page = visitor.page
    page.get_by_label("Name of the collection").fill("Filings & <b>more</b>")
    visitor.button("Create").click()
    page.wait_for_url("**/collections/*")
    visitor.arrived()
    expect(page.get_by_role("heading", level=1)).to_have_text("Filings & <b>more</b>")

    visitor.drop("#drop", *filings)
    rows = page.locator("#documents tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.locator(".status.good")).to_have_count(3, timeout=30_000)

    visitor.link("Ask this collection").click()
    page.wait_for_url("**/ask?*")
    expect(page.locator("#scope-name")).to_have_text("Filings & <b>more</b>")
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-text")).to_contain_text(ANSWER)
    expect(visitor.last.locator(".answer-state")).to_have_text("Quoted from your documents")

    citation = visitor.last.locator("a.cite").first
    citation.click()
    expect(page.locator("#viewer-title")).to_have_text("north-2018.pdf")
    expect(page.locator("#viewer-page")).to_have_text("Page 2 of 2")
    assert marked_pixels(page) > 1000
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(citation).to_be_focused()

    page.go_back()
    page.get_by_role("button", name="Delete north-2018.pdf").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(2)

    visitor.link("Ask").click()
    page.wait_for_url("**/ask")
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("Not found in your documents")
    page.locator("#conversations a").nth(1).click()
    expect(visitor.last.locator(".answer-state")).to_have_text("This answer has been withdrawn")


def test_the_journey_in_german_on_a_phone(visit: Callable[..., Visitor], user: User, filings: list[Path]) -> None:
    visitor = visit(user, width=390, language="de-DE")
    page = visitor.page
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_label("Name der Sammlung").fill("Berichte")
    visitor.button("Anlegen").click()
    page.wait_for_url("**/collections/*")
    visitor.arrived()
    page.locator("#files").set_input_files(filings)
    expect(page.locator("#documents .status.good")).to_have_count(3, timeout=30_000)
    expect(page.locator("#summary")).to_have_text("3 Dokumente")
    assert visitor.overflow() == 0

    visitor.link("Diese Sammlung befragen").click()
    page.wait_for_url("**/ask?*")
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("Aus Ihren Dokumenten zitiert")
    visitor.last.locator("a.cite").first.click()
    expect(page.locator("#viewer-page")).to_have_text("Seite 2 von 2")
    assert marked_pixels(page) > 1000
    viewer = page.locator("#viewer").bounding_box()
    assert viewer is not None and (viewer["x"], viewer["width"]) == (0, 390)
    assert visitor.overflow() == 0
    page.keyboard.press("Escape")

    page.go_back()
    page.get_by_role("button", name="north-2018.pdf löschen").click()
    page.get_by_role("dialog").get_by_role("button", name="Löschen").click()
    visitor.link("Fragen").click()
    page.wait_for_url("**/ask")
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("In Ihren Dokumenten nicht gefunden")


def test_the_journey_by_keyboard(visit: Callable[..., Visitor], user: User, filings: list[Path]) -> None:
    visitor = visit()
    page = visitor.page
    page.goto(visitor.served.sign_in_link(user))
    page.keyboard.press("Enter")
    expect(page.locator("header nav")).to_be_visible()
    visitor.arrived()
    visitor.tab_to(page.get_by_label("Name of the collection"))
    page.keyboard.type("Filings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/collections/*")
    visitor.arrived()
    visitor.tab_to(visitor.button("Choose files"))
    page.keyboard.press("Enter")
    while not visitor.choosers:
        page.wait_for_timeout(50)
    visitor.choosers[0].set_files(filings)
    expect(page.locator("#documents .status.good")).to_have_count(3, timeout=30_000)

    page.reload()
    visitor.tab_to(visitor.link("Ask this collection"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask?*")
    visitor.arrived()
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    citation = visitor.last.locator("a.cite").first
    expect(citation).to_be_visible()
    page.keyboard.press("Shift+Tab")
    visitor.tab_to(visitor.button("Ask"))
    for _ in range(20):
        if citation.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert marked_pixels(page) > 1000
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#viewer-page")).to_have_text("Page 1 of 2")
    page.keyboard.press("Escape")
    expect(citation).to_be_focused()

    page.goto("/library")
    visitor.tab_to(page.get_by_role("button", name="Delete Filings"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(visitor.button("Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Begin with a collection")).to_be_visible()
