"""The page with a real Llama behind it: a cited answer, and what people see when its server dies in the middle."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.settings import load_settings
from core.values import CollectionRole, User
from llm.client import ModelClient
from llm.llama import LlamaWriter
from tests.llm_server import ServedLlama
from tests.processes import eventually
from tests.web.browser.served import Served
from tests.web.browser.visitors import Visitor

QUESTION = "How long is the notice period?"
ANSWER = "The notice period is three months."
LONG = (
    "The notice period is three months and begins on the first day of a month after the letter was sent to the "
    "landlord or to the company that keeps the building, unless both parties write in a new contract that it may be "
    "short, long, free of cost, due each week, paid from an account at some bank, or need no form before next year."
)


@pytest.fixture
def visitor(visit: Callable[..., Visitor], served: Served, served_llama: ServedLlama, user: User) -> Visitor:
    """Someone whose questions the Llama answers."""
    settings = load_settings(llm_url=served_llama.url, llm_model=served_llama.model)
    model = ModelClient(settings)
    served.directed.writer = LlamaWriter(model, model.turns)
    one: Visitor = visit(user)
    return one


def _may_read(served: Served, user: User, text: str) -> None:
    collection = served.collection(served.site.user(), lease=text)
    served.site.store.collections.set_member(collection, user.id, CollectionRole.READER)


@pytest.mark.timeout(300)  # the first test with the Llama may have to train it
def test_a_llama_answers_with_a_citation_that_opens(
    visitor: Visitor, served: Served, served_llama: ServedLlama, user: User
) -> None:
    _may_read(served, user, f"{ANSWER} It begins on the first day of a month.")
    visitor.open("/ask")
    visitor.ask(QUESTION)

    expect(visitor.last.locator(".sentence")).to_have_count(1, timeout=30_000)
    expect(visitor.last.locator(".answer-state")).to_contain_text(f"Written by {Path(served_llama.model).name}")
    expect(visitor.last.locator(".answer-text")).to_contain_text(ANSWER)
    expect(visitor.last.locator(".verdict")).to_have_count(0)
    visitor.last.locator(".sentence button, .sentence a").first.press("Enter")
    expect(visitor.page.locator("#viewer mark:not(.around)")).to_contain_text(ANSWER)


@pytest.mark.timeout(300)
def test_a_llama_killed_in_the_middle_is_told_and_the_passages_stay(
    visitor: Visitor, served: Served, served_llama: ServedLlama, user: User
) -> None:
    _may_read(served, user, LONG)
    visitor.open("/ask")
    with served_llama.crawling():
        # Under load both sentences may come between two looks: then it is asked again.
        for _ in range(4):
            visitor.ask(QUESTION)
            eventually(lambda: visitor.last.locator(".sentence").count() > 0)
            if visitor.last.locator(".answer[aria-busy]").count():
                break
    expect(visitor.last.locator(".answer")).to_have_attribute("aria-busy", "true")

    served_llama.kill()

    expect(visitor.last.locator(".answer-state")).to_have_text("The language model did not answer")
    expect(visitor.last.locator(".sentence")).to_have_count(0)
    expect(visitor.last.locator(".source-quote").first).to_contain_text("The notice period is three months")

    served_llama.start()
    visitor.last.get_by_role("button", name="Try again").click()
    expect(visitor.last.locator(".sentence").first).to_contain_text("The notice period", timeout=30_000)
