"""Pictures of pages: legible where they open, what is marked in sight, and every page within reach."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from core.values import User
from tests import factories
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.web.browser.served import Served
from tests.web.browser.visitors import Visitor

QUESTION = "How many seats does the hall have?"
FILLING = [f"Paragraph {n} of the inventory is about chairs, tables, lamps and curtains." for n in range(44)]
PAGES = pdf(
    Sheet(lines("The first page is short.")),
    Sheet(lines(*FILLING, "The hall has 340 seats.")),
    Sheet(lines("The third page ends it.")),
)
# How far what is marked lies inside its box and the window on each side; where it is in sight, none is negative.
ROOM = """image => {
  const box = image.closest("#viewer-body, #sheet-box").getBoundingClientRect();
  const spot = image.parentElement.querySelector(".sheet-spot").getBoundingClientRect();
  return Math.min(
    spot.top - Math.max(0, box.top), Math.min(innerHeight, box.bottom) - spot.bottom,
    spot.left - box.left, box.right - spot.right,
  );
}"""
UNDER = """element => element.getBoundingClientRect().bottom
  - document.querySelector(".composer-box").getBoundingClientRect().top"""


@pytest.fixture
def document(served: Served, user: User) -> str:
    """The path of a document of three pages that the person may read."""
    collection = served.collection(user)
    factories.upload(served.site.store, "hall.pdf", PAGES, collection=collection)
    served.wait_until_read(collection)
    [found] = served.site.store.documents.page(collection)
    return f"/documents/{found.id}"


def _width(image: Locator) -> float:
    box = image.bounding_box()
    assert box is not None
    return box["width"]


def _settled(image: Locator) -> None:
    """Wait until the picture stands without its margins."""
    expect(image).to_have_attribute("style", re.compile("width"))


@pytest.mark.parametrize("width", [390, 1280])
def test_a_cited_page_opens_at_its_mark_and_grows(
    visit: Callable[..., Visitor], user: User, document: str, width: int
) -> None:
    visitor = visit(user, width=width)
    page = visitor.page
    visitor.open(f"/ask?document={document.rpartition('/')[2]}")
    visitor.ask(QUESTION)
    visitor.last.locator("a.cite").first.click()
    image = page.locator("#viewer img.sheet")
    _settled(image)
    assert image.evaluate(ROOM) >= 0
    assert _width(image) > 500  # a letter of 11 points is then as large as one of 9
    before = _width(image)
    visitor.button("Larger").click()
    assert _width(image) > before * 1.3
    assert image.evaluate(ROOM) >= 0
    page.keyboard.press("-")
    assert _width(image) == pytest.approx(before)


def test_the_blank_margins_of_a_page_are_cut_off(visit: Callable[..., Visitor], user: User, document: str) -> None:
    visitor = visit(user)
    visitor.open(f"{document}/pages/2")
    image = visitor.page.locator("#sheet")
    _settled(image)
    box = visitor.page.locator("#sheet-box")
    assert _width(image) > _width(box) * 1.1
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    assert visitor.overflow() == 0


def test_arrow_keys_move_an_enlarged_page_that_has_the_focus(
    visit: Callable[..., Visitor], user: User, document: str
) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"{document}/pages/2")
    _settled(page.locator("#sheet"))
    visitor.button("Larger").click()
    page.locator("#sheet-box").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('#sheet-box').scrollLeft > 0")
    assert page.url.endswith("/pages/2")
    page.locator("#passages a").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/pages/3")


def test_a_passage_further_down_comes_into_sight(visit: Callable[..., Visitor], user: User, document: str) -> None:
    visitor = visit(user, width=390)
    visitor.open(f"{document}/pages/2")
    image = visitor.page.locator("#sheet")
    _settled(image)
    visitor.page.locator("#passages a").last.click()
    visitor.page.wait_for_function(f"() => ({ROOM})(document.querySelector('#sheet')) >= 0")


def test_a_page_number_leads_to_its_page(visit: Callable[..., Visitor], user: User, document: str) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(document)
    page.locator("#page-number").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pages/2")
    visitor.arrived()
    page.locator("#page-number").fill("999")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pages/3")
    expect(page.locator("#page-number")).to_have_value("3")


def test_a_page_number_leads_to_its_page_without_scripts(
    browser: Browser, served: Served, user: User, document: str
) -> None:
    visitor = Visitor(browser, served, scripts=False)
    visitor.sign_in(user)
    visitor.page.goto(document)
    for typed, shown in (("2", "2"), ("999", "3")):
        visitor.page.locator("#page-number").fill(typed)
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url(f"**?page={typed}")
        expect(visitor.page.locator("#page-number")).to_have_value(shown)
    visitor.page.locator(".crumbs a").click()
    expect(visitor.page.locator("#drop")).to_be_hidden()
    visitor.close()


def test_what_has_the_focus_is_not_under_the_composer(visit: Callable[..., Visitor], user: User, document: str) -> None:
    visitor = visit(user)
    page = visitor.page
    page.set_viewport_size({"width": 1280, "height": 400})
    visitor.open(f"/ask?document={document.rpartition('/')[2]}")
    visitor.ask(QUESTION)
    copy = visitor.button("Copy with sources")
    expect(copy).to_be_attached()
    page.evaluate("() => scrollTo(0, 0)")
    visitor.last.locator("a.cite").first.focus()
    visitor.tab_to(copy)
    assert copy.evaluate(UNDER) <= 0


def test_the_smallest_window_holds_every_control(visit: Callable[..., Visitor], user: User, document: str) -> None:
    visitor = visit(user, width=320, language="de-DE")
    visitor.open("/ask")
    assert visitor.overflow() == 0
    for box in (one.bounding_box() for one in visitor.page.locator("header a, .history-head .button").all()):
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


def test_troubles_keep_their_icons_without_a_server(visit: Callable[..., Visitor], user: User, document: str) -> None:
    visitor = visit(user)
    visitor.open(f"/ask?document={document.rpartition('/')[2]}")
    visitor.page.wait_for_load_state("networkidle")
    visitor.context.set_offline(True)
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state.bad svg path").first).to_be_attached()
    visitor.context.set_offline(False)
