"""The read flow over a small library."""

from collections.abc import Iterator

import pytest

from core.settings import Settings
from core.storage.store import Store
from llm.services import Services
from tests.retrieval.conftest import embedder, publish_text

__all__ = ["embedder", "publish_text"]


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """The collaborators of the read flow, over the same database as `store`."""
    opened = Services(settings)
    yield opened
    opened.close()


@pytest.fixture
def store(services: Services) -> Store:
    """The store of the services."""
    return services.store
