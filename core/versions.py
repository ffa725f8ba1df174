"""The frozen values about the versions of documents over time. Which one answers when, `core.storage.history` knows."""

from dataclasses import dataclass
from datetime import datetime

from core.values import DocumentStatus, Failure


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """One version of a document as its history shows it; `current` is the one that answers.

    It did from `published_at` until `superseded_at`, in the first case none until it has been read. `created_by` is
    the address of who brought it, None for the operator and where there is no such person any more.
    """

    version: int
    status: DocumentStatus
    current: bool
    size: int
    sha256: str
    media_type: str
    pages: int
    passages: int
    warnings: tuple[str, ...]
    error: Failure | None
    created_at: datetime
    created_by: str | None = None
    published_at: datetime | None = None
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The version of a document that answered at some moment; `current` where it still does.

    `reading` changes when it is read again.
    """

    document_id: str
    version_id: str
    collection_id: str
    reading: str
    passages: int
    current: bool
