"""Answers as they were given, so that they can be shown again."""

from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.storage import tables as t
from core.storage.database import Database, now


class Answers:
    """Stores and finds answers; `body` is the answer's JSON form."""

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
