"""The typed bodies and parameters about the versions of documents."""

from typing import Annotated

from pydantic import Field

from core.values import DocumentStatus
from web.models import Failure, Parameters, Reply


class FileVersion(Parameters):
    """Which version of a document; the newest where none is named."""

    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Version(Reply):
    """A version of a document; `current` is the one that answers."""

    version: int
    status: DocumentStatus
    current: bool
    size: int
    sha256: str
    media_type: str
    pages: int
    passages: int
    warnings: list[str]
    error: Failure | None
    created_at: str
    created_by: str | None = Field(description="The address of who brought it; null: the operator, or somebody gone.")
    published_at: str | None = Field(description="Since when it answered; null: it has not been read.")
    superseded_at: str | None = Field(description="Until when it answered.")


class VersionList(Reply):
    """All versions of a document, the newest first."""

    versions: list[Version]
