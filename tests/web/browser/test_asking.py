"""Asking in a browser: every way in which an answer can come, or not come; scope, conversations, copying."""

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from core.values import CollectionRole, User
from tests.processes import eventually
from tests.web.browser.served import Served, Told
from tests.web.browser.visitors import Visitor

SEATS = "The hall has 340 seats. Its roof was renewed in the spring of 2019."
QUESTION = "How many seats does the hall have?"


@pytest.fixture(scope="module")
def collection(served: Served) -> str:
    """A collection with something to ask."""
    texts = {"hall": SEATS, "garden": "The garden has eleven apple trees and two ponds."}
    return served.collection(served.site.user(), **texts)


@pytest.fixture
def visitor(visit: Callable[..., Visitor], served: Served, user: User, collection: str) -> Visitor:
    """Someone at the page to ask in."""
    served.site.store.collections.set_member(collection, user.id, CollectionRole.READER)
    one: Visitor = visit(user)
    one.open("/ask")
    return one


def test_sentences_appear_as_they_are_checked(visitor: Visitor, served: Served) -> None:
    gate = threading.Event()
    sentences = ["The hall has 340 seats.", "The hall has 340 seats and a large stage made of oak.", "Cats fly."]
    served.directed.writer = Told(sentences, gate=gate)
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".sentence")).to_have_count(1)
    expect(visitor.button("Stop")).to_be_visible()
    expect(visitor.last.locator(".answer")).to_have_attribute("aria-busy", "true")
    gate.set()
    expect(visitor.last.locator(".sentence")).to_have_count(3)
    expect(visitor.last.locator(".answer-state")).to_contain_text("Written by tiny-llama: check the sources")
    expect(visitor.last.locator(".generated")).to_have_text("AI-generated, may be wrong")
    expect(visitor.last.locator(".partly .verdict")).to_have_text("partly supported")
    expect(visitor.last.locator(".unsupported .verdict")).to_have_text("not supported")
    expect(visitor.last.locator(".notice.warn")).to_contain_text("2 marked sentences say more than their sources do")
    expect(visitor.last.locator(".took")).to_contain_text("Built with Llama")
    expect(visitor.last.locator(".source-quote").first).to_have_text("The hall has 340 seats.")


def test_stopping_keeps_nothing(visitor: Visitor, served: Served) -> None:
    gate = threading.Event()
    served.directed.writer = Told(["The hall has 340 seats.", "More."], gate=gate)
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".sentence")).to_have_count(1)
    visitor.button("Stop").click()
    gate.set()
    expect(visitor.last.locator(".answer-state")).to_have_text("Stopped")
    expect(visitor.last.locator(".answer-foot")).to_contain_text("What you see above is incomplete.")
    assert visitor.page.url.endswith("/ask")
    served.directed.writer = served.quoting
    visitor.last.get_by_role("button", name="Try again").click()
    expect(visitor.last.locator(".answer-state")).to_have_text("Quoted from your documents")


def test_a_model_that_breaks_off_leaves_the_passages(visitor: Visitor, served: Served) -> None:
    served.directed.writer = Told(["The hall has 340 seats."], unavailable=True)
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("The language model did not answer")
    expect(visitor.last.locator(".sentence")).to_have_count(0)
    visitor.last.locator(".source").first.click()
    expect(visitor.page.locator("#viewer mark:not(.around)")).to_contain_text("340 seats")
    visitor.page.keyboard.press("Escape")
    expect(visitor.last.locator(".source").first).to_be_focused()
    served.directed.writer = served.quoting
    visitor.last.get_by_role("button", name="Try again").click()
    expect(visitor.last.locator(".answer-text")).to_contain_text("340 seats")


def test_a_lost_connection_is_told(visitor: Visitor) -> None:
    visitor.context.set_offline(True)
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("The connection broke off")
    visitor.context.set_offline(False)
    visitor.last.get_by_role("button", name="Try again").click()
    expect(visitor.last.locator(".answer-text")).to_contain_text("340 seats")


def test_a_session_that_has_ended_is_told(visitor: Visitor) -> None:
    visitor.context.clear_cookies()
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("Sign in first")
    expect(visitor.last.locator(".answer-foot")).to_contain_text("Open a sign-in link")


def test_the_scope_narrows_the_question(visitor: Visitor, served: Served, user: User, collection: str) -> None:
    served.collection(user, other="The other hall has 12 seats.")
    page = visitor.page
    name = served.site.store.collections.get(collection).name
    page.locator("#scope").click()
    dialog = page.get_by_role("dialog", name="Where to look")
    dialog.get_by_role("checkbox", name=name).check()
    dialog.get_by_label("Find a document").fill("gard")
    expect(dialog.get_by_role("checkbox")).to_have_count(3)
    dialog.get_by_role("checkbox", name="garden.txt").check()
    visitor.button("Done").click()
    expect(page.locator("#scope-name")).to_have_text("garden.txt")
    visitor.ask("How many apple trees are there?")
    expect(visitor.last.locator(".answer-text")).to_contain_text("eleven apple trees")
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-state")).to_have_text("Not found in your documents")
    page.locator("#scope").click()
    visitor.button("Everywhere").click()
    page.keyboard.press("Escape")
    expect(page.locator("#scope-name")).to_have_text("garden.txt")
    page.reload()
    expect(page.locator("#scope-name")).to_have_text("garden.txt")


def test_conversations_are_kept_reopened_and_deleted(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer-text")).to_contain_text("340 seats")
    page.wait_for_url("**/ask/*-*")
    address = page.url
    visitor.ask("How many apple trees are in the garden?")
    expect(visitor.last.locator(".answer-text")).to_contain_text("eleven apple trees")
    expect(page.locator("#conversations li")).to_have_count(1)
    assert page.url == address
    visitor.link("New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    page.locator("#conversations a").click()
    expect(page.locator(".exchange .question")).to_have_text([QUESTION, "How many apple trees are in the garden?"])
    assert page.url == address
    page.locator("#conversations li").hover()
    page.get_by_role("button", name="Delete the conversation").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/ask")
    expect(page.locator("#no-conversations")).to_be_visible()


def test_the_opened_page_follows_the_width_of_the_window(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask(QUESTION)
    citation = visitor.last.locator("a.cite").first
    citation.click()
    mark = page.locator("#viewer mark:not(.around)")
    expect(mark).to_be_visible()
    assert page.locator("dialog:modal").count() == 0
    for width, modal in ((390, 1), (1280, 0), (390, 1)):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator("dialog:modal")).to_have_count(modal)
        expect(mark).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(citation).to_be_focused()


def test_a_citation_of_what_was_read_again_says_so(visitor: Visitor, served: Served, collection: str) -> None:
    page, store = visitor.page, served.site.store
    visitor.ask(QUESTION)
    citation = visitor.last.locator("a.cite").first
    citation.click()
    expect(page.locator("#viewer mark:not(.around)")).to_be_visible()
    expect(page.locator("#viewer-changed")).to_be_hidden()
    page.keyboard.press("Escape")
    hall = next(one for one in store.documents.page(collection) if one.filename == "hall.txt")
    store.rereading.document(hall.id)
    eventually(lambda: not store.documents.get(hall.id).in_progress)
    citation.click()
    expect(page.locator("#viewer-changed")).to_be_visible()
    expect(page.locator("#viewer-changed")).to_contain_text("read again since")
    expect(page.locator("#viewer-quote")).to_contain_text("340 seats")
    served.wait_until_read(collection)


def test_an_answer_is_copied_with_its_sources(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.ask(QUESTION)
    visitor.button("Copy with sources").click()
    expect(visitor.page.locator(".toast")).to_have_text("Copied.")
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{QUESTION}\n\nThe hall has 340 seats. [1]")
    assert copied.endswith("Sources\n[1] hall.txt, page 1")
