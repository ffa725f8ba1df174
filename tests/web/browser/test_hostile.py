"""Names, documents, questions and answers that would like to be markup stay text."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from core.values import User
from tests.web.browser.served import Served, Told
from tests.web.browser.visitors import Visitor

IMAGE = "<img src=x onerror=window.ran=1>"
SCRIPT = "</script><script>window.ran=1</script>"
LINK = "[click](javascript:window.ran=1)"
TURNED = "invoice\u202efdp.exe"


def _nothing_ran(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src=x]").count() == 0


def test_hostile_text_stays_text(visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open("/library")
    page.get_by_label("Name of the collection").fill(IMAGE)
    visitor.button("Create").click()
    page.wait_for_url("**/collections/*")
    visitor.arrived()
    expect(page.get_by_role("heading", level=1)).to_have_text(IMAGE)

    names = [f"{IMAGE}.txt", f"{TURNED}.txt", 'quote" onmouseover="window.ran=1.txt']
    for name in names:
        (tmp_path / name).write_text(f"The secret word is {IMAGE} and also {SCRIPT} {LINK}.")
    page.locator("#files").set_input_files([tmp_path / name for name in names])
    expect(page.locator("#documents .status.good")).to_have_count(3, timeout=30_000)
    shown = page.locator("#documents .document-name a")
    assert sorted(shown.all_inner_texts()) == sorted([names[0], "invoicefdp.exe.txt", names[2]])
    page.get_by_role("button", name="Delete").nth(1).click()
    page.keyboard.press("Escape")
    _nothing_ran(page)

    shown.first.click()
    expect(page.locator("pre.text")).to_contain_text(SCRIPT)
    _nothing_ran(page)

    served.directed.writer = Told([f"The secret word is {IMAGE}.", f"{SCRIPT} {LINK}"], model=f"llama {IMAGE}")
    visitor.open("/ask")
    visitor.ask(f"What is the secret word? {IMAGE} {SCRIPT}")
    expect(visitor.last.locator(".sentence")).to_have_count(2)
    expect(visitor.last.locator(".sentence").first).to_contain_text(IMAGE)
    expect(visitor.last.locator(".answer-state")).to_contain_text(f"llama {IMAGE}")
    visitor.last.locator("a.cite").first.click()
    expect(page.locator("#viewer mark:not(.around)")).to_contain_text(IMAGE)
    page.reload()
    expect(visitor.last.locator(".question")).to_contain_text(SCRIPT)
    assert visitor.last.locator("a[href^='javascript']").count() == 0
    page.locator("#scope").click()
    expect(page.get_by_role("dialog").get_by_role("checkbox", name=IMAGE).first).to_be_visible()
    _nothing_ran(page)


def test_scripts_can_make_no_markup_of_text(visit: Callable[..., Visitor], user: User) -> None:
    visitor = visit(user)
    visitor.open("/library")
    attempt = "() => { try { document.body.innerHTML = 'x'; return false } catch { return true } }"
    refused = visitor.page.evaluate(attempt)
    assert refused
    visitor.faults.clear()
