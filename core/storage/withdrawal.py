"""Takes the words of a deleted document out of stored answers; that there was an answer is kept."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t

# The code of the notice in an answer whose words went with a document.
SOURCE_DELETED = "source_deleted"


def withdraw_answers(connection: sa.Connection, document_id: str) -> int:
    """Empty every answer that cites a document or may rest on it; how many."""
    mentions = sa.cast(t.answers.c.body, sa.Text).contains(document_id)
    rows = connection.execute(sa.select(t.answers.c.id, t.answers.c.body).where(mentions)).all()
    for row in rows:
        connection.execute(t.answers.update().where(t.answers.c.id == row.id).values(body=withdrawn(row.body)))
    return len(rows)


def without_deleted(connection: sa.Connection, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer as it may be stored: empty where a document that it rests on was deleted while it was written."""
    needed = rests_on(body)
    if not needed:
        return body
    # A deletion either waits for this and empties the answer, or is waited for here.
    query = sa.select(t.documents.c.id).where(t.documents.c.id.in_(needed)).order_by(t.documents.c.id)
    there = set(connection.execute(query.with_for_update(read=True, key_share=True)).scalars())
    return body if needed <= there else withdrawn(body)


def rests_on(body: Mapping[str, Any]) -> set[str]:
    """The documents that an answer cites or was written from."""
    return {str(one["document_id"]) for one in body.get("citations", ())}.union(body.get("read", ()))


def is_withdrawn(body: Mapping[str, Any]) -> bool:
    """Whether no word of documents is left in an answer."""
    quotes = (one.get("quote", "") for one in body.get("citations", ()))
    said = body.get("answer") or body.get("question_understood") or any(quotes)
    return not said and not any(one["text"] for one in body.get("sentences", ()))


def withdrawn(body: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without words of documents; which ones it rested on is still known, so that nobody is shown it."""
    return {
        **body,
        "answer": "",
        "question_understood": None,
        "sentences": [{**one, "text": ""} for one in body.get("sentences", ())],
        "citations": [{**one, "filename": "", "quote": "", "place": ""} for one in body.get("citations", ())],
        "notices": [{"code": SOURCE_DELETED, "citations": []}],
    }
