"""Chooses the index that the settings name: files of this node, or a Milvus server."""

from typing import TYPE_CHECKING

from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.store import Store
from retrieval.index.indexer import Indexer
from retrieval.index.protocol import LiveIndex

if TYPE_CHECKING:
    from retrieval.index.former import FormerVersions


def open_index(settings: Settings, store: Store, embedder: str, *, proved: bool = False) -> LiveIndex:
    """The index as it is, with the vectors of the embedder of that name.

    `proved` says that the indexer of this process owns it and has compared its files with their hashes just now.
    Raises `IndexDamaged`, and `UnknownSetting` where it is not said where Milvus is.
    """
    if settings.index == "milvus":
        from retrieval.index.milvus import MilvusIndex  # noqa: PLC0415 - 1 s, and only where Milvus is used

        return MilvusIndex(settings, store, embedder)
    from retrieval.index.live import LocalIndex  # noqa: PLC0415 - FAISS is not needed with Milvus

    return LocalIndex(settings.index_dir, store, embedder, proved=proved)


def open_indexer(settings: Settings, store: Store) -> Indexer:
    """What keeps the index in step with the database; it does nothing yet. Raises `UnknownSetting`."""
    if settings.index == "milvus":
        from retrieval.index.milvus import MilvusIndexer  # noqa: PLC0415 - see above

        return MilvusIndexer(settings, store)
    from retrieval.index.local import LocalIndexer  # noqa: PLC0415 - see above

    return LocalIndexer(settings, store)


def open_former(store: Store) -> "FormerVersions":
    """What searches versions that answer no more; empty until asked."""
    from retrieval.index.former import FormerVersions  # noqa: PLC0415 - FAISS and tantivy, for whom asks for a date

    return FormerVersions(store)


def open_beside(settings: Settings, store: Store, recipe: Recipe) -> Indexer | None:
    """What makes an index with another embedder's vectors beside the one that answers; None where that needs none."""
    if settings.index == "milvus":
        from retrieval.index.milvus import MilvusIndexer  # noqa: PLC0415 - see above

        return MilvusIndexer(settings, store, recipe)
    return None
