"""Follow-ups, feedback and downloads under an answer, in a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.exchanges import FeedbackReason, Rating
from core.values import InstallationRole, User
from tests.web.browser.served import Served
from tests.web.browser.test_every_page import LONG, WIDTHS, barriers
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


def test_an_administrator_reads_what_people_think(
    visitor: Visitor, visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor.ask(RENT)
    expect(visitor.last.locator(".answer-text")).to_contain_text("700 euros")
    visitor.ask("Who painted the Mona Lisa?")
    expect(visitor.last.get_by_role("button", name="Not helpful")).to_be_visible()
    (conversation,) = served.site.store.answers.conversations(user.id)
    good, bad = [one.id for one in served.site.store.answers.exchanges(conversation.id, user_id=user.id)]
    opinions = served.site.store.opinions
    opinions.give(good, Rating.UP, None, "", user_id=user.id)
    hostile = f"<img src=x onerror=alert(1)> {LONG}\u202e"
    opinions.give(bad, Rating.DOWN, FeedbackReason.NOT_FOUND, hostile, user_id=user.id)

    reading = visit(served.site.user(InstallationRole.ADMIN))
    page = reading.page
    page.locator("details.menu summary").click()
    reading.link("Feedback").click()
    first = page.locator(".opinion").first
    expect(first).to_contain_text("The documents say it, but it was not found")
    expect(first).to_contain_text("<img src=x onerror=alert(1)>")
    expect(first.get_by_role("heading")).to_have_text("Who painted the Mona Lisa?")
    found, too_wide = {}, {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found[theme] = barriers(page)
    page.screenshot(path=tmp_path / "feedback-dark.png", full_page=True)
    page.get_by_label("Rating").select_option("Helpful")
    reading.button("Show").click()
    expect(page.locator(".opinion h3").first).to_have_text(RENT)
    expect(page.locator(".opinion .bad")).to_have_count(0)
    reading.context.add_cookies([{"name": "language", "value": "de", "url": served.url}])
    reading.open("/feedback")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        too_wide[width] = reading.overflow()
        page.screenshot(path=tmp_path / f"feedback-{width}.png", full_page=True)
    assert found == {"light": [], "dark": []}
    assert set(too_wide.values()) == {0}
