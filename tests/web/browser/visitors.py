"""Someone at a browser: signs in, finds things as people do, and notes everything that went wrong on the way."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, FileChooser, Locator, Page, Request, Response, expect

from core.values import User
from tests.web.browser.served import Hosted

Theme = Literal["light", "dark"]
# A page that asks for what is gone, or sends what is not valid, makes the browser say so; that is no fault of it.
_EXPECTED = re.compile(r"status of (?:400|401|404|409|413|500|503)|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION")


class Visitor:
    """A window of a browser that belongs to one person."""

    def __init__(
        self, browser: Browser, served: Hosted, *, width: int = 1280, language: str = "en-GB", scripts: bool = True
    ) -> None:
        self.served = served
        self.context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=language,
            base_url=served.url,
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.requested: list[str] = []
        self.replies: list[Response] = []
        self.choosers: list[FileChooser] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)
        self.page.on("filechooser", self._offered)

    def sign_in(self, user: User) -> None:
        """Follow a one-time link and press its button."""
        self.page.goto(self.served.sign_in_link(user))
        self.page.get_by_role("button", name=re.compile("^(Sign in|Anmelden)$")).click()
        expect(self.page.locator("header nav")).to_be_visible()
        self.arrived()

    def open(self, path: str) -> None:
        """Go to a page of the site and wait until its scripts have run."""
        self.page.goto(path, wait_until="load")

    def arrived(self) -> None:
        """Wait until the scripts of the page have run."""
        self.page.wait_for_load_state("load")

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        """A link by its whole name."""
        return self.page.get_by_role("link", name=name, exact=True)

    def drop(self, target: str, *paths: Path) -> None:
        """Drop files and folders on an element, as from the desktop."""
        box = self.page.locator(target).bounding_box()
        assert box is not None
        client = self.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        at: dict[str, Any] = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data}
        for kind in ("dragEnter", "dragOver", "drop"):
            client.send("Input.dispatchDragEvent", {"type": kind, **at})
        client.detach()

    def ask(self, question: str) -> None:
        """Type a question and press Enter, once the answer before it is whole: until then the page takes no other."""
        self.arrived()
        expect(self.page.locator("#submit")).to_be_visible()
        self.page.locator("#question").fill(question)
        self.page.keyboard.press("Enter")

    @property
    def last(self) -> Locator:
        """The newest answer."""
        return self.page.locator(".exchange").last

    @property
    def focused(self) -> Locator:
        """What has the focus."""
        return self.page.locator(":focus")

    def tab_to(self, wanted: Locator, most: int = 40) -> None:
        """Press Tab until the element has the focus."""
        for _ in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("the keyboard does not get there")

    def foreign(self) -> Sequence[str]:
        """Addresses elsewhere that the page asked for."""
        return [url for url in self.requested if not url.startswith((self.served.url, "data:", "blob:"))]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def close(self) -> None:
        """Close the window; whatever went wrong fails the test."""
        self.context.close()
        assert self.faults == []
        assert self.foreign() == []

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _EXPECTED.search(message.text):
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        self.requested.append(request.url)

    def _answered(self, reply: Response) -> None:
        self.replies.append(reply)

    def _offered(self, chooser: FileChooser) -> None:
        self.choosers.append(chooser)
