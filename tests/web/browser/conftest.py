"""One server for all tests here. Each test has a person, and a window of its own in the one browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from core.values import User
from tests.web.browser.served import Served
from tests.web.browser.visitors import Visitor
from tests.web.site import opened

MOST_BYTES = 3_000_000


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site with a server and a worker."""
    folder = tmp_path_factory.mktemp("browser") / "data"
    reports = str(tmp_path_factory.mktemp("reports"))
    with opened(folder, max_file_bytes=MOST_BYTES, max_files_per_request=3, delivery_folder=reports) as site:
        one = Served(site)
        yield one
        one.close()


@pytest.fixture
def user(served: Served) -> Iterator[User]:
    """A person that no other test knows; answers quote again when the test has ended."""
    yield served.site.user()
    served.directed.writer = served.quoting
    served.may_read.set()


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visitor]]:
    """Opens windows, and closes them at the end of the test."""
    windows: list[Visitor] = []

    def open_window(user: User | None = None, **options: Any) -> Visitor:
        windows.append(Visitor(browser, served, **options))
        if user is not None:
            windows[-1].sign_in(user)
        return windows[-1]

    yield open_window
    for window in windows:
        window.close()
