"""Follow-ups, feedback and downloads under an answer, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from core.exchanges import FeedbackReason
from core.values import User
from tests.web.browser.served import Served
from tests.web.browser.visitors import Visitor

RENT = "How high is the rent of the barn?"
WHOLE = "How high is the deposit of the barn?"


@pytest.fixture
def visitor(visit: Callable[..., Visitor], served: Served, user: User) -> Visitor:
    """Someone with a document at the page to ask in."""
    served.collection(user, barn="The rent of the barn is 700 euros. The deposit of the barn is 2,100 euros.")
    one: Visitor = visit(user)
    one.open("/ask")
    return one


def test_a_follow_up_and_what_its_reader_thinks_of_it(visitor: Visitor, served: Served, user: User) -> None:
    page = visitor.page
    visitor.ask(RENT)
    expect(visitor.last.locator(".answer-text")).to_contain_text("700 euros")
    expect(visitor.last.locator(".meaning")).to_be_hidden()
    visitor.ask("And the deposit?")
    expect(visitor.last.locator(".answer-text")).to_contain_text("2,100 euros")
    expect(visitor.last.locator(".meaning")).to_have_text(f"Understood as: {WHOLE}")

    visitor.last.get_by_role("button", name="Not helpful").click()
    dialog = page.get_by_role("dialog", name="What was wrong?")
    expect(dialog).to_contain_text("Administrators see this")
    dialog.get_by_label("It is out of date").check()
    dialog.get_by_label("In your own words").fill("It is 3,000 now.")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator(".toast")).to_contain_text("Thank you")
    (given,) = [one for one in served.site.store.opinions.page() if one.user_id == user.id]
    assert given.feedback is not None
    assert (given.feedback.reason, given.feedback.text) == (FeedbackReason.OUTDATED, "It is 3,000 now.")

    page.reload()
    expect(visitor.last.locator(".meaning")).to_have_text(f"Understood as: {WHOLE}")
    down = visitor.last.get_by_role("button", name="Not helpful")
    expect(down).to_have_attribute("aria-pressed", "true")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    for name in ("Download this answer", "Download this conversation"):
        with page.expect_download() as download:
            page.get_by_title(name).last.click()
        text = download.value.path().read_text()
        assert download.value.suggested_filename.endswith(".md") and "> The deposit of the barn" in text
