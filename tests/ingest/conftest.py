"""Files to read and children to read them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from ingest.children import ParserPool

Written = Callable[[str, bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A function that writes bytes to a file of that name."""

    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def pool(settings: Settings) -> Iterator[ParserPool]:
    """Parser children, ended with the test."""
    opened = ParserPool(settings)
    yield opened
    opened.close()
