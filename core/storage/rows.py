"""From rows to frozen values, for the value types that more than one repository returns."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.marks import marks_read
from core.values import (
    Box,
    Document,
    DocumentStatus,
    Failure,
    Job,
    JobState,
    Passage,
    Place,
    Progress,
)
from core.versions import VersionSummary

# What a row of a passage holds, in its order.
PASSAGE_COLUMNS = tuple(field.name for field in fields(Passage))
_OPEN = (JobState.QUEUED, JobState.RUNNING)
# A row of a composed query: its columns are known to the query, not to the type checker.
Row = sa.Row[*tuple[Any, ...]]
_BOXES, _PLACES, _MARKS = (PASSAGE_COLUMNS.index(name) for name in ("boxes", "places", "marks"))


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as an aware UTC time."""
    return datetime.fromtimestamp(seconds, UTC)


def failure(code: str | None, message: str | None) -> Failure | None:
    """An error's two columns as one value."""
    return Failure(code, message or "") if code else None


def job(row: Row) -> Job:
    """A row of `jobs`."""
    return Job(
        id=row.id,
        kind=row.kind,
        target=row.target,
        state=JobState(row.state),
        attempts=row.attempts,
        progress=_progress(row),
        created_by=row.created_by,
        collection_id=row.collection_id,
        result=row.result,
        error=failure(row.error_code, row.error_message),
    )


def _progress(row: Row) -> Progress:
    # What is said of the time that is left holds while somebody works.
    left = row.seconds_left if row.state == JobState.RUNNING else None
    return Progress(row.stage, row.done, row.total, left)


def document(row: Row, tags: Sequence[str] = ()) -> Document:
    """A row of documents joined with its newest version and, optionally, that version's job; and its tags."""
    return Document(
        id=row.id,
        collection_id=row.collection_id,
        path=row.path,
        filename=row.filename,
        title=row.title,
        status=DocumentStatus(row.status),
        version=row.number,
        version_id=row.version_id,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        language=row.language,
        pages=row.pages,
        passages=row.passages,
        warnings=tuple(row.warnings),
        error=failure(row.error_code, row.error_message),
        created_at=moment(row.created_at),
        job_id=row.job_id,
        progress=Progress(
            row.stage or row.status,
            row.done or 0,
            row.total or 0,
            row.seconds_left if row.job_state == JobState.RUNNING else None,
        ),
        in_progress=row.job_state in _OPEN,
        tags=tuple(tags),
    )


def passage(row: Row) -> Passage:
    """A row with `PASSAGE_COLUMNS`; searches make many, and columns are found sooner by place than by name."""
    values = list(row)
    values[_BOXES] = tuple(Box(*corners) for corners in values[_BOXES])
    values[_PLACES] = tuple(Place(*one) for one in values[_PLACES] or ())
    values[_MARKS] = marks_read(values[_MARKS])
    return Passage(*values)


def version_summary(row: Row) -> VersionSummary:
    """A row of versions joined with its document and who brought it."""
    return VersionSummary(
        version=row.number,
        status=DocumentStatus(row.status),
        current=row.id == row.current_version_id,
        size=row.size,
        sha256=row.sha256,
        media_type=row.media_type,
        pages=row.pages,
        passages=row.passages,
        warnings=tuple(row.warnings),
        error=failure(row.error_code, row.error_message),
        created_at=moment(row.created_at),
        created_by=row.email,
        published_at=_moment_or_none(row.published_at),
        superseded_at=_moment_or_none(row.superseded_at),
    )


def _moment_or_none(seconds: float | None) -> datetime | None:
    return moment(seconds) if seconds is not None else None
