"""The tags of documents. They belong to the document, whatever version of it answers."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import InvalidRequest, NotFound
from core.names import clean_tag
from core.storage import tables as t
from core.storage.database import Database

MOST_TAGS = 20
_TOO_MANY = f"A document has at most {MOST_TAGS} tags. Leave some out."


class Tags:
    """Reads and changes tags. How a tag is written, `core.names` decides."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, document_id: str, tags: Sequence[str]) -> None:
        """Let a document have these tags and no others. Raises `NotFound`, or `InvalidRequest` as `clean_tags` does."""
        kept = clean_tags(tags)
        with self._database.write() as connection:
            locked = sa.select(t.documents.c.id).where(t.documents.c.id == document_id).with_for_update(key_share=True)
            if connection.execute(locked).first() is None:
                raise NotFound("There is no such document, or you have no access to it.")
            connection.execute(t.tags.delete().where(t.tags.c.document_id == document_id))
            add_tags(connection, document_id, kept)


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are kept, each once. Raises `InvalidRequest` for one that is none, or for more than 20."""
    cleaned = list(dict.fromkeys(map(clean_tag, tags)))
    if len(cleaned) > MOST_TAGS:
        raise InvalidRequest(_TOO_MANY)
    return cleaned


def add_tags(connection: sa.Connection, document_id: str, tags: Sequence[str]) -> None:
    """Add clean tags to those that a document has. Raises `InvalidRequest` when there are too many by then."""
    rows = [{"document_id": document_id, "tag": tag} for tag in tags]
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(t.tags)
    connection.execute(insert.values(rows).on_conflict_do_nothing())
    counted = sa.select(sa.func.count()).where(t.tags.c.document_id == document_id)
    if connection.execute(counted).scalar_one() > MOST_TAGS:
        raise InvalidRequest(_TOO_MANY)


def tags_of(connection: sa.Connection, document_ids: Sequence[str]) -> dict[str, list[str]]:
    """The tags of documents, in their order; documents without any left out."""
    query = sa.select(t.tags).where(t.tags.c.document_id.in_(document_ids)).order_by(t.tags.c.tag)
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.document_id, []).append(row.tag)
    return found
