"""Tags, and what narrows questions, searches and lists, as people use them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from core.values import User
from tests.web.browser.served import Served
from tests.web.browser.visitors import Visitor

TEXTS = {
    "new": "The hall is rented for 700 euros a day, and the keys are handed over in the morning by the caretaker.",
    "old": "The hall was rented for 500 euros a day, and the keys were handed over in the evening by the porter.",
    "neu": "Der Saal wird für 700 Euro am Tag vermietet, und die Schlüssel werden am Morgen vom Hausmeister übergeben.",
}
QUESTION = "For how much is the hall rented?"


@pytest.fixture
def ids(served: Served, user: User) -> dict[str, str]:
    """The documents of this person, by their names; two are tagged."""
    collection = served.collection(user, **TEXTS)
    found = {one.filename.partition(".")[0]: one.id for one in served.site.store.documents.page(collection)}
    served.site.store.tags.set(found["old"], ["expired"])
    served.site.store.tags.set(found["new"], ["valid", "rent"])
    return {**found, "collection": collection}


def test_a_question_is_narrowed_and_the_composer_says_so(
    visit: Callable[..., Visitor], user: User, ids: dict[str, str]
) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/ask?collection={ids['collection']}")
    page.locator("#narrow summary").click()
    page.locator("#narrow-tags").fill("Expired")
    expect(page.locator("#narrow-name")).to_have_text("Narrowed by 1 filter")
    page.locator("#narrow-types").select_option(label="TXT")
    expect(page.locator("#narrow-name")).to_have_text("Narrowed by 2 filters")
    page.keyboard.press("Escape")
    expect(page.locator("#narrow-tags")).to_be_hidden()

    visitor.ask(QUESTION)

    expect(visitor.last.locator(".answer")).to_have_class(re.compile("quoted"))
    expect(visitor.last.locator(".answer")).to_contain_text("500 euros")
    expect(visitor.last.locator(".answer")).not_to_contain_text("700 euros")
    page.locator("#narrow summary").click()
    page.locator("#narrow-tags").fill("unheard of")
    visitor.ask(QUESTION)
    expect(visitor.last.locator(".answer")).to_have_class(re.compile("not_found"))
    assert visitor.faults == []


def test_passages_are_shown_in_place_of_an_answer_within_the_same_bounds(
    visit: Callable[..., Visitor], user: User, ids: dict[str, str]
) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/ask?document={ids['new']}")
    page.locator("#question").fill(QUESTION)
    page.locator("#narrow summary").click()
    visitor.button("Show passages instead of an answer").click()

    expect(page.locator(".hit")).to_have_count(1)
    expect(page.locator(".hit")).to_contain_text("700 euros")
    why = page.locator(".hit details")
    expect(why.get_by_text("Meaning")).to_be_hidden()
    why.locator("summary").click()
    expect(why.locator("dd").first).to_have_text(re.compile(r"^0\.\d{3}$"))
    page.get_by_text("How this was searched").click()
    expect(page.locator(".found")).to_contain_text("rented")
    assert visitor.faults == []


def test_searching_needs_no_scripts(browser: Browser, served: Served, user: User, ids: dict[str, str]) -> None:
    visitor = Visitor(browser, served, scripts=False)
    visitor.sign_in(user)
    page = visitor.page
    page.goto("/ask")
    page.locator("#narrow summary").click()
    page.locator("#narrow-languages").select_option(label="German")
    page.locator("#question").fill("Saal")
    page.locator("#submit").click()

    expect(page.locator(".hit-name")).to_have_text([re.compile(r"^\s*neu\.txt\s+Page 1$")])
    expect(page.locator("#narrow-languages")).to_have_value("de")
    page.locator("#narrow-languages").select_option(label="Any")
    page.locator("#narrow-tags").fill("valid")
    visitor.button("Search").click()
    expect(page.locator(".hit-name")).to_have_text([re.compile(r"new\.txt")])
    page.locator(".hit-name").click()
    expect(page.locator("mark")).to_contain_text("700 euros")
    expect(page.locator("#tags")).to_contain_text("valid")
    visitor.close()


def test_tags_are_changed_on_the_page_of_the_document(
    visit: Callable[..., Visitor], served: Served, user: User, ids: dict[str, str]
) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/documents/{ids['new']}")
    visitor.button("Edit tags").click()
    field = page.get_by_label("Tags, with commas between them")
    expect(field).to_have_value("rent, valid")
    field.fill("a,\u202eb")
    visitor.button("Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("printable")
    assert [fault for fault in visitor.faults if "400" not in fault] == []
    visitor.faults.clear()  # the browser itself notes that the tag was refused
    field.fill(" <b>Rent</b>, VALID ,, 2027")
    visitor.button("Save").click()

    expect(page.locator("#tags .tag")).to_have_text(["2027", "<b>rent</b>", "valid"])
    visitor.button("Edit tags").click()
    page.get_by_label("Tags, with commas between them").fill("")
    visitor.button("Save").click()
    expect(page.locator("#tags .tag")).to_have_count(0)
    assert served.site.store.documents.get(ids["new"]).tags == ()


def test_a_list_shows_only_what_was_chosen(visit: Callable[..., Visitor], user: User, ids: dict[str, str]) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/collections/{ids['collection']}")
    rows = page.locator("#documents tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="expired")).to_have_count(1)

    page.get_by_label("Show only").select_option(label="valid")
    expect(rows).to_have_count(1)
    expect(page.locator("#summary")).to_have_text("1 of 3 documents")
    page.get_by_label("Show only").select_option(label="German")
    expect(rows.locator("a")).to_have_text([re.compile("neu.txt")])
    page.get_by_label("Show only").select_option(label="All kinds")
    expect(rows).to_have_count(3)
    assert visitor.faults == []
