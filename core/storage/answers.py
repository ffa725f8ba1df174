"""Answers as they were given, and the conversations that they form."""

from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import moment
from core.values import Conversation, Exchange


class Answers:
    """Stores and finds answers; `body` is the answer's JSON form.

    A conversation is what one person asked under one id, so nobody can read or continue another person's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, answer_id: str, question: str, body: dict[str, Any], *, user_id: str | None, conversation_id: str | None
    ) -> None:
        """Store an answer with its question."""
        with self._database.write() as connection:
            connection.execute(
                t.answers.insert().values(
                    id=answer_id,
                    user_id=user_id,
                    conversation_id=conversation_id,
                    question=question,
                    body=body,
                    created_at=now(),
                )
            )

    def get(self, answer_id: str, *, user_id: str | None) -> dict[str, Any]:
        """The JSON form of an answer that this person was given. Raises `NotFound`."""
        query = sa.select(t.answers.c.body).where((t.answers.c.id == answer_id) & (t.answers.c.user_id == user_id))
        with self._database.read() as connection:
            body: dict[str, Any] | None = connection.execute(query).scalar_one_or_none()
        if body is None:
            raise NotFound("There is no such answer.")
        return body

    def conversations(self, user_id: str | None, *, after: str = "", limit: int = 100) -> list[Conversation]:
        """A person's conversations, the latest question first; `after` is the last id of the page before."""
        latest = sa.func.max(t.answers.c.created_at).label("updated_at")
        grouped = (
            sa.select(t.answers.c.conversation_id.label("id"), sa.func.count().label("questions"), latest)
            .where((t.answers.c.user_id == user_id) & t.answers.c.conversation_id.is_not(None))
            .group_by(t.answers.c.conversation_id)
            .subquery()
        )
        first = t.answers.alias("first")
        title = (
            sa.select(first.c.question)
            .where((first.c.user_id == user_id) & (first.c.conversation_id == grouped.c.id))
            .order_by(first.c.created_at, first.c.id)
            .limit(1)
            .scalar_subquery()
        )
        query = sa.select(grouped, title.label("title")).order_by(grouped.c.updated_at.desc(), grouped.c.id.desc())
        if after:
            last = sa.select(grouped.c.updated_at).where(grouped.c.id == after).scalar_subquery()
            earlier = (grouped.c.updated_at < last) | ((grouped.c.updated_at == last) & (grouped.c.id < after))
            query = query.where(earlier)
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return [Conversation(row.id, row.title, row.questions, moment(row.updated_at)) for row in rows]

    def exchanges(self, conversation_id: str, *, user_id: str | None) -> list[Exchange]:
        """What this person asked and was told in a conversation, the oldest first. Raises `NotFound`."""
        query = sa.select(t.answers).where(_theirs(conversation_id, user_id))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(t.answers.c.created_at, t.answers.c.id)).all()
        if not rows:
            raise NotFound("There is no such conversation.")
        return [Exchange(row.question, moment(row.created_at), row.body) for row in rows]

    def forget(self, conversation_id: str, *, user_id: str | None) -> int:
        """Delete a conversation of this person; how many questions it had. Raises `NotFound`."""
        with self._database.write() as connection:
            deleted = connection.execute(t.answers.delete().where(_theirs(conversation_id, user_id))).rowcount
        if not deleted:
            raise NotFound("There is no such conversation.")
        return deleted


def _theirs(conversation_id: str, user_id: str | None) -> sa.ColumnElement[bool]:
    return (t.answers.c.conversation_id == conversation_id) & (t.answers.c.user_id == user_id)
