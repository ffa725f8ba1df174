"""One site for all tests of the web: opening one costs as much as fifty requests. Tests make people of their own."""

from collections.abc import Iterator

import pytest

from tests.web.site import Site, opened

MOST_BYTES = 2_000_000
MOST_FILES = 3


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with small limits."""
    with opened(
        tmp_path_factory.mktemp("site") / "data",
        max_file_bytes=MOST_BYTES,
        max_files_per_request=MOST_FILES,
        max_results=50,
        max_question_chars=200,
    ) as one:
        yield one
