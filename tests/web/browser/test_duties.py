"""A site with a Llama in a browser: its conditions, its notice, and what says that a model wrote an answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser.served import Served, Told
from tests.web.browser.test_every_page import WIDTHS, barriers
from tests.web.browser.visitors import Visitor
from tests.web.site import opened

NOTICE = "Llama 3.1 is licensed under the Llama 3.1 Community License"
GENERATED = "AI-generated, may be wrong"


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site whose settings name a Llama; a test says what it writes."""
    policy = tmp_path_factory.mktemp("policy") / "policy.toml"
    policy.write_text("[pii.email]\npassage = 'redact'\n")
    data = tmp_path_factory.mktemp("llama") / "data"
    settings = {"llm_url": "http://127.0.0.1:9", "llm_model": "meta-llama/Llama-3.1-8B-Instruct"}
    with opened(data, moderation_policy=str(policy), **settings) as site:
        one = Served(site)
        yield one
        one.close()


def test_from_the_first_sign_in_to_an_answer(llama: Served, browser: Browser, tmp_path: Path) -> None:
    user = llama.site.user()
    llama.collection(user, hall="The hall has 340 seats.")
    visitor = Visitor(browser, llama, width=390)
    page = visitor.page
    visitor.sign_in(user)

    expect(page.get_by_role("heading", level=1)).to_have_text("Conditions of the model")
    expect(page.locator("footer")).to_contain_text(NOTICE)
    page.screenshot(path=tmp_path / "conditions.png", full_page=True)
    found = {"conditions": barriers(page)}
    wide = {width: _overflow(visitor, width) for width in WIDTHS}
    visitor.button("I accept these conditions").click()
    expect(page.get_by_label("Your question")).to_be_visible()

    llama.directed.writer = Told(["The hall has 340 seats."], model="Llama-3.1-8B-Instruct")
    visitor.ask("How many seats has the hall?")
    expect(visitor.last.locator(".answer-state .generated")).to_have_text(GENERATED)
    page.screenshot(path=tmp_path / "written.png")
    llama.directed.writer = llama.quoting
    visitor.ask("How many seats has the hall?")
    expect(visitor.last.locator(".answer-state")).to_have_text("Quoted from your documents")
    expect(page.get_by_text(GENERATED)).to_have_count(1)
    wide |= {width + 1: _overflow(visitor, width + 1) for width in WIDTHS}
    page.set_viewport_size({"width": 390, "height": 800})
    page.screenshot(path=tmp_path / "asked.png")
    page.locator("details.menu summary").click()
    expect(page.locator(".menu-licence")).to_contain_text(NOTICE)
    expect(page.locator(".menu-licence").get_by_role("link", name="Acceptable use policy")).to_have_attribute(
        "href", "https://www.llama.com/llama3_1/use-policy/"
    )
    page.locator(".menu-licence").scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "menu.png")
    found["asked"] = barriers(page)
    assert found == {"conditions": [], "asked": []}
    assert set(wide.values()) == {0}
    assert visitor.faults == []
    visitor.close()


def test_a_search_says_what_was_withheld(llama: Served, browser: Browser, tmp_path: Path) -> None:
    user = llama.site.user()
    llama.site.store.acceptances.accept(user.id, llama.site.front.duties.version)
    llama.collection(user, mail="Write to ann@example.org about the hall.", hall="The hall has 340 seats.")
    visitor = Visitor(browser, llama, language="de-DE", scripts=False)
    page = visitor.page
    page.goto(llama.sign_in_link(user))
    visitor.button("Anmelden").click()
    visitor.open("/search?question=hall")

    expect(page.get_by_text("In 1 Textstelle sind personenbezogene Daten geschwärzt.")).to_be_visible()
    expect(page.locator(".hit")).to_have_count(2)
    expect(page.get_by_text("ann@example.org")).to_have_count(0)
    page.screenshot(path=tmp_path / "search.png", full_page=True)
    visitor.open("/search?question=How+do+I+kill+myself%3F")
    expect(page.locator(".found")).to_contain_text("You are not alone")
    expect(page.locator(".hit")).to_have_count(0)
    page.screenshot(path=tmp_path / "blocked.png", full_page=True)
    assert _overflow(visitor, 390) == 0
    visitor.close()


def _overflow(visitor: Visitor, width: int) -> int:
    visitor.page.set_viewport_size({"width": width, "height": 800})
    return visitor.overflow()
