"""A filter as conditions of a query over documents and one version of each."""

from datetime import UTC, date, datetime, time

import sqlalchemy as sa

from core.filters import Filter
from core.storage import tables as t
from core.values import DocumentStatus


def holds(within: Filter) -> list[sa.ColumnElement[bool]]:
    """What has to hold for a row of `documents` joined with `versions`; nothing for a filter that says nothing."""
    documents, versions = t.documents.c, t.versions.c
    chosen = [
        (documents.collection_id, within.collections),
        (documents.id, within.documents),
        (versions.media_type, within.types),
        (versions.language, within.languages),
    ]
    conditions: list[sa.ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values is not None]
    if within.tags is not None:
        tagged = sa.select(t.tags.c.document_id).where(t.tags.c.tag.in_(within.tags))
        conditions.append(documents.id.in_(tagged))
    if within.as_of is not None:
        once = t.versions.alias("once")
        answered = (once.c.document_id == documents.id) & sa.and_(*answered_at(within.as_of_moment, once))
        conditions.append(sa.exists().where(answered))
    if within.since is not None:
        conditions.append(documents.created_at >= _moment(within.since, time.min))
    if within.until is not None:
        conditions.append(documents.created_at <= _moment(within.until, time.max))
    return conditions


def answered_at(at: float, versions: sa.FromClause = t.versions) -> list[sa.ColumnElement[bool]]:
    """What has to hold for the version of a document that answered at a moment: of each document there is at most one.

    What has since been withheld or is being read again answers for no moment.
    """
    there = versions.c
    return [
        there.status == DocumentStatus.READY,
        there.published_at <= at,
        there.superseded_at.is_(None) | (there.superseded_at > at),
    ]


def _moment(day: date, at: time) -> float:
    return datetime.combine(day, at, UTC).timestamp()
