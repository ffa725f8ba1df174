"""The page of models in a browser: no barriers, no sideways scroll, and a plan without scripts of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.values import InstallationRole
from tests.web.browser.served import Served
from tests.web.browser.test_every_page import WIDTHS, barriers
from tests.web.browser.visitors import Visitor


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    """Two cards, as `nvidia-smi` would show them."""
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\necho '0, NVIDIA H100 80GB HBM3, 81559, 62000, 87, 61'\n"
        "echo '1, NVIDIA H100 80GB HBM3, 81559, 1200, [N/A], [N/A]'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


@pytest.mark.usefixtures("cards")
def test_an_administrator_plans_a_model(visit: Callable[..., Visitor], served: Served) -> None:
    visitor = visit(served.site.user(InstallationRole.ADMIN))
    page = visitor.page
    page.locator("details.menu summary").click()
    visitor.link("Models").click()
    expect(page.get_by_role("progressbar", name="Memory")).to_have_count(2)
    expect(page.get_by_role("progressbar", name="Load")).to_have_count(1)
    page.get_by_label("Model", exact=True).select_option("Llama-4-Scout-17B-16E-Instruct")
    page.get_by_label("Card", exact=True).select_option("H100")
    visitor.button("Calculate").click()
    expect(page.locator(".plan-verdict")).to_contain_text("only in 4 bits")
    expect(page.get_by_role("row")).to_have_count(4)

    found, too_wide = {}, {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found[theme] = barriers(page)
    visitor.context.add_cookies([{"name": "language", "value": "de", "url": served.url}])
    visitor.open("/models?model=Llama-4-Maverick-17B-128E-Instruct&users=1")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        too_wide[width] = visitor.overflow()
    assert found == {"light": [], "dark": []}
    assert set(too_wide.values()) == {0}
