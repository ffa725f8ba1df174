"""A small library, embedded by the real model and published as a worker would, in either kind of index."""

from collections.abc import Callable, Iterator

import pytest

from core.settings import Settings, load_settings
from core.storage.store import Store
from core.values import Document
from retrieval.embedders import open_embedder
from retrieval.embedders.protocol import Embedder
from retrieval.retriever import Retriever
from retrieval.writer import publish
from tests import factories

Publish = Callable[..., Document]

either_index = pytest.mark.parametrize("settings", ["local", "milvus"], indirect=True)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model."""
    return open_embedder(load_settings())


def publish_passages(
    store: Store, embedder: Embedder, path: str, *passages: str, collection: str = "Contracts", heading: str = ""
) -> Document:
    """Publish a document with these passages, each on a page of its own."""
    data = "\n".join([path, *passages]).encode()
    uploaded = factories.upload(store, path, data, collection=factories.collection_id(store, collection))
    lease = store.jobs.lease("ingest", uploaded.job_id)
    version = store.documents.version(uploaded.document.version_id)
    assert lease is not None
    assert version is not None
    reading = factories.reading(*passages, heading=heading)
    publish(store, embedder, lease, version, reading, lambda _: None)
    return store.documents.get(uploaded.document.id)


@pytest.fixture
def publish_text(store: Store, embedder: Embedder) -> Publish:
    """Publishes a document: its path, its passages, and the collection's name where that matters."""

    def make(path: str, *passages: str, collection: str = "Contracts", heading: str = "") -> Document:
        return publish_passages(store, embedder, path, *passages, collection=collection, heading=heading)

    return make


@pytest.fixture
def retriever(settings: Settings, store: Store) -> Iterator[Retriever]:
    """A retriever over the store."""
    opened = Retriever(settings, store)
    yield opened
    opened.close()
