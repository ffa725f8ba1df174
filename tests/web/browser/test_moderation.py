"""The page of moderation in a browser: no barriers, no sideways scroll, and a trial without scripts of its own."""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from core.storage.chain import Entry
from core.values import InstallationRole
from tests.web.browser.served import Served
from tests.web.browser.test_every_page import WIDTHS, barriers
from tests.web.browser.visitors import Visitor


def test_an_administrator_tries_a_text(visit: Callable[..., Visitor], served: Served, tmp_path: Path) -> None:
    rest = ("detector 1", "1+0", "0" * 64)
    long = "Beschwerdeverfahrensordnungsänderungsentwurf" * 4
    served.site.store.decisions.append(
        [Entry(time.time(), "r", "answer", action, *rest, "S10", 0.9) for action in ("log", "warn", "redact", "block")]
        + [Entry(time.time(), "r", "question", "allow", *rest, excerpt=long) for _ in range(60)]
    )
    visitor = visit(served.site.user(InstallationRole.ADMIN))
    page = visitor.page
    page.locator("details.menu summary").click()
    visitor.link("Moderation").click()
    page.get_by_label("What would happen to this text?").fill("How long is the notice period?")
    page.get_by_label("As", exact=True).select_option("Answer")
    visitor.button("Try it").click()
    expect(page.get_by_role("main").get_by_role("status")).to_have_text("Allowed")

    found, too_wide = {}, {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found[theme] = barriers(page)
    page.get_by_label("What was done").select_option("Blocked")
    visitor.button("Show").click()
    expect(page.locator("#log-title ~ .scroll tbody tr")).to_have_count(1)
    visitor.context.add_cookies([{"name": "language", "value": "de", "url": served.url}])
    visitor.open("/moderation")
    page.screenshot(path=tmp_path / "moderation.png", full_page=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        too_wide[width] = visitor.overflow()
    assert found == {"light": [], "dark": []}
    assert set(too_wide.values()) == {0}
