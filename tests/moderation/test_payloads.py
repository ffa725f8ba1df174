"""Hostile documents and questions, and a model that obeys each: nothing leaves, runs, leaks or changes."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Error, expect

from core.values import AnswerStatus
from llm.prompts import harmless
from tests.browsers import Foreign
from tests.moderation.conftest import Tried, question
from tests.moderation.obedient import SECRET
from tests.moderation.payloads import PAYLOADS, Payload
from tests.web.browser.visitors import Visitor

# The first has to wait for all the answers.
pytestmark = pytest.mark.timeout(400)

FAMILIES = {family: list(several) for family, several in groupby(PAYLOADS, lambda one: one.family)}
# What an answer may consist of, and where anything on a page may point.
AUDIT = """() => {
  const allowed = new Set(["article", "h2", "h3", "p", "div", "span", "a", "button", "svg", "path", "circle", "rect",
    "line", "polyline", "g", "use", "section", "ol", "li", "bdi"]);
  const addresses = ["href", "src", "srcset", "action", "formaction", "poster", "data", "background", "ping",
    "xlink:href", "cite", "srcdoc"];
  const found = [];
  for (const element of document.querySelectorAll("iframe, frame, object, embed, base, meta[http-equiv], style, video"))
    found.push(element.outerHTML);
  for (const element of document.querySelectorAll("#thread *")) {
    if (!allowed.has(element.localName)) found.push(element.outerHTML);
    if (element.hasAttribute("style")) found.push(element.outerHTML);
  }
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on")) found.push(element.outerHTML);
      // The page itself links to the licence of the attached model.
      if (!addresses.includes(name) || element.closest("footer, .menu-licence")) continue;
      if (new URL(value, location).origin !== location.origin) found.push(element.outerHTML);
    }
  }
  return found;
}"""


# What a browser that is shown the families as markup would at least do.
FETCHING = {"image", "reference", "html", "style", "hidden", "table", "svg"}
RUNNING = {"html", "script", "svg", "hidden"}


@pytest.fixture(scope="module")
def reading(tried: Tried, browser: Browser) -> Iterator[Visitor]:
    """Whoever asked, at a browser; whatever a page was kept from doing fails the test at the end."""
    visitor = Visitor(browser, tried.hosted)
    visitor.sign_in(tried.user)
    yield visitor
    visitor.close()


def _nothing_happened(visitor: Visitor, foreign: Foreign, before: int) -> None:
    assert visitor.page.evaluate(AUDIT) == []
    assert visitor.page.evaluate("window.ran") is None
    assert visitor.foreign() == []
    assert visitor.faults == []
    assert len(visitor.context.pages) == 1
    assert foreign.heard[before:] == []


def test_the_payloads_would_do_harm_elsewhere(browser: Browser, foreign: Foreign) -> None:
    """Without this the others could pass with a listener that hears nothing."""
    before = len(foreign.heard)
    context = browser.new_context()
    page = context.new_page()
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    harmed, ran = set(), set()
    for family, payloads in FAMILIES.items():
        seen, has_run = len(foreign.heard), False
        page.set_content("".join(f"<div>{renderer.render(one.obeyed)}</div>" for one in payloads), wait_until="commit")
        # A busy machine takes longer to ask for what most families make a browser fetch.
        for _ in range(100 if family in FETCHING | RUNNING else 3):
            page.wait_for_timeout(50)
            fetched = len(foreign.heard) > seen
            # Some payloads take the browser elsewhere, which may be just now.
            with suppress(Error):
                has_run = has_run or bool(page.evaluate("window.ran"))
            if fetched >= (family in FETCHING) and has_run >= (family in RUNNING):
                break
        harmed |= {family} if fetched else set()
        ran |= {family} if has_run else set()
    context.close()
    assert len(foreign.heard) > before
    assert harmed >= FETCHING
    assert ran >= RUNNING


def test_there_are_enough_and_each_was_obeyed(tried: Tried) -> None:
    assert len(PAYLOADS) >= 126
    assert len({one.text for one in PAYLOADS}) == len(PAYLOADS)
    unanswered = {code for code, one in tried.answers.items() if one["status"] != AnswerStatus.ANSWERED}
    # A model that calls a tool has written no answer: there is no tool to call.
    assert unanswered == {one.code for one in tried.payloads if one.calls and not one.says}
    assert [one.code for one in tried.payloads if not _arrived(one, tried)] == []
    assert not any({"tools", "functions", "tool_choice"} & set(request) for request in tried.model.requests)


def _families(tried: Tried) -> dict[str, list[Payload]]:
    return {family: list(several) for family, several in groupby(tried.payloads, lambda one: one.family)}


def _arrived(payload: Payload, tried: Tried) -> bool:
    """Whether the model was shown the payload, or what of it people can see."""
    prompts = tried.model.prompts[payload.code]
    if payload.unseen:
        return f"hall {payload.code} has" in prompts[-1] and not any(payload.unseen in prompt for prompt in prompts)
    return _folded(payload.text)[:60] in _folded(prompts[-1])


def _folded(text: str) -> str:
    return "".join(harmless(text).split())


def test_no_passage_of_another_collection_is_shown_quoted_or_cited(tried: Tried) -> None:
    prompts = [prompt for several in tried.model.prompts.values() for prompt in several]
    assert [prompt for prompt in prompts if SECRET.search(prompt)] == []
    own = set(tried.documents.values())
    for payload in tried.payloads:
        answer = tried.answers[payload.code]
        assert not SECRET.search(str(answer))
        assert {citation["document_id"] for citation in answer["citations"]} <= own
        _cites_what_it_names(answer)


def _cites_what_it_names(answer: dict[str, Any]) -> None:
    numbers = [citation["n"] for citation in answer["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for sentence in answer["sentences"] for n in sentence["citations"]} <= set(numbers)


def test_their_questions_would_find_it_with_the_rights_to(tried: Tried) -> None:
    """The other collection holds what fits best; only rights keep it away."""
    admin = tried.hosted.site.admin
    found = [
        admin.post("/api/v1/search", json={"query": question(one), "k": 3}).json
        for one in _families(tried)["collection"]
    ]
    assert sum("vault.txt" in str(one) for one in found) >= len(found) // 2


def test_answers_on_the_page_do_nothing(tried: Tried, reading: Visitor, foreign: Foreign) -> None:
    before, heard = tried.state(), len(foreign.heard)
    for family, payloads in _families(tried).items():
        reading.open(f"/ask/{tried.conversations[family]}")
        expect(reading.page.locator(".exchange")).to_have_count(len(payloads))
        told = [sentence["text"] for one in payloads for sentence in tried.answers[one.code]["sentences"]]
        shown = reading.page.locator(".sentence .words").all_text_contents()
        assert list(map(_line, shown)) == list(map(_line, told))
        assert {urlsplit(address).path.split("/")[2] for address in _cited(reading)} <= set(tried.documents.values())
        _nothing_happened(reading, foreign, heard)
    assert tried.state() == before


def _line(text: str) -> str:
    return " ".join(text.split())


def _cited(visitor: Visitor) -> list[str]:
    found: list[str] = visitor.page.locator("a.cite, a.source").evaluate_all("all => all.map(one => one.href)")
    return found


def test_answers_do_nothing_while_they_come(tried: Tried, reading: Visitor, foreign: Foreign) -> None:
    before, heard = tried.state(), len(foreign.heard)
    reading.open("/ask")
    for count, payloads in enumerate(_families(tried).values(), 1):
        reading.ask(question(payloads[0]))
        expect(reading.page.locator(".exchange")).to_have_count(count)
        expect(reading.last.locator(".answer")).not_to_have_attribute("aria-busy", "true")
        expect(reading.last.locator(".answer-actions").first).to_be_visible()
    reading.last.locator("a.cite").first.click()
    expect(reading.page.locator("#viewer mark")).to_be_visible()
    _nothing_happened(reading, foreign, heard)
    assert tried.state() == before


def test_documents_and_passages_do_nothing(tried: Tried, reading: Visitor, foreign: Foreign) -> None:
    before, heard = tried.state(), len(foreign.heard)
    shown = [f"/documents/{tried.documents[one.code]}" for one in _families(tried)["filename"]]
    found = [f"/search?question={several[0].code}+{family}" for family, several in _families(tried).items()][::3]
    for path in [f"/collections/{tried.collection}", *shown, *found]:
        reading.open(path)
        _nothing_happened(reading, foreign, heard)
    assert tried.state() == before


def test_exports_become_no_markup(tried: Tried) -> None:
    caller = tried.hosted.site.by_session(tried.user)
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for conversation in tried.conversations.values():
        html = renderer.render(caller.get(f"/api/v1/conversations/{conversation}/export.md").text)
        tags = set(re.findall(r"<([a-z]\w*)", html))
        assert tags <= {"h1", "h2", "h3", "p", "em", "ol", "li", "blockquote"}


def test_nothing_was_changed_by_asking(tried: Tried) -> None:
    now = tried.state()
    signed_in = {"credentials"}
    assert {name for name in now if now[name] != tried.before[name]} <= signed_in | {"users"}
