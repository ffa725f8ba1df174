"""Makes stored things for tests; each test states only what it is about."""

import io
from collections.abc import Sequence

import numpy as np

from core.storage.store import Store
from core.values import Page, ParsedDocument, PassageDraft, Reading, Upload

EMBEDDER = "test-embedder"
DIMENSIONS = 4


def collection_id(store: Store, name: str = "Contracts") -> str:
    """The id of a collection of this name, made when it is not there."""
    for collection in store.collections.page(store.collections.ids()):
        if collection.name == name:
            return collection.id
    return store.collections.create(name).id


def upload(
    store: Store,
    path: str = "a.txt",
    data: bytes = b"text",
    *,
    collection: str | None = None,
    created_by: str | None = None,
    tags: Sequence[str] = (),
) -> Upload:
    """Store an upload."""
    staged = store.files.stage(io.BytesIO(data))
    return store.documents.add(collection or collection_id(store), path, staged, created_by=created_by, tags=tags)


def reading(*passages: str, heading: str = "", media_type: str = "text/plain", language: str = "") -> Reading:
    """A reading with one page for each passage."""
    pages = tuple(Page(number, text) for number, text in enumerate(passages, 1))
    drafts = tuple(PassageDraft(page.number, 0, len(page.text), page.text, heading) for page in pages)
    return Reading(media_type, ParsedDocument("A title", pages), drafts, language)


def vectors(count: int, dimensions: int = DIMENSIONS) -> bytes:
    """Different unit vectors as stored."""
    rows = np.random.default_rng(count).normal(size=(count, dimensions))
    return bytes((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2").tobytes())


def publish(store: Store, uploaded: Upload, *passages: str, media_type: str = "text/plain", language: str = "") -> int:
    """Read an upload as a worker would; the number of the change."""
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    return store.passages.publish(
        lease,
        uploaded.document.version_id,
        reading(*passages, media_type=media_type, language=language),
        embedder=EMBEDDER,
        vectors=vectors(len(passages)),
    )
