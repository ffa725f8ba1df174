"""The same store tests on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings, load_settings
from core.storage.store import Store
from tests.places import database, empty_folder


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings for an empty database of either kind."""
    if request.param == "sqlite":
        yield load_settings(data=empty_folder(tmp_path / "data"))
        return
    with database(request.getfixturevalue("postgres_url")) as url:
        yield load_settings(data=tmp_path / "data", database_url=url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty store."""
    opened = Store(settings)
    yield opened
    opened.close()
