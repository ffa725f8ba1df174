"""Answers as they were given, and the conversations that they form."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import NotFound
from core.exchanges import Conversation, Exchange, Feedback, FeedbackReason, History, Origin, Rating
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import Row, moment
from core.storage.withdrawal import without_deleted

_NO_ANSWER = "There is no such answer."
_NO_CONVERSATION = "There is no such conversation."
# No answer takes as long to be written as it is remembered that its conversation was deleted.
_REMEMBERED_SECONDS = 86_400.0
_WITH_FEEDBACK = sa.select(
    t.answers, *[t.feedback.c[name] for name in ("rating", "reason", "text", "given_at")]
).outerjoin(t.feedback, t.feedback.c.answer_id == t.answers.c.id)


class Answers:
    """Stores and finds answers; `body` is the answer's JSON form.

    A conversation is what one person asked under one id, so nobody can read or continue another person's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        answer_id: str,
        question: str,
        body: Mapping[str, Any],
        *,
        user_id: str | None,
        conversation_id: str | None,
        origin: Origin | None = None,
    ) -> bool:
        """Store an answer with its question and how it came about; whether it was stored.

        It is not when the person has deleted the conversation since the answer was asked for.
        """
        origin = origin or Origin()
        with self._database.write() as connection:
            if conversation_id is not None:
                forgotten_at = _locked(connection, conversation_id, user_id)
                if forgotten_at is not None and origin.asked_at is not None and forgotten_at >= origin.asked_at:
                    return False
            connection.execute(
                t.answers.insert().values(
                    id=answer_id,
                    user_id=user_id,
                    conversation_id=conversation_id,
                    question=question,
                    body=dict(without_deleted(connection, body)),
                    record=dict(origin.record) if origin.record is not None else None,
                    created_at=now(),
                )
            )
        return True

    def get(self, answer_id: str, *, user_id: str | None) -> dict[str, Any]:
        """The JSON form of an answer that this person was given. Raises `NotFound`."""
        return dict(self.exchange(answer_id, user_id=user_id).answer)

    def exchange(self, answer_id: str, *, user_id: str | None) -> Exchange:
        """An answer that this person was given, with all that is stored about it. Raises `NotFound`."""
        return self._exchange((t.answers.c.id == answer_id) & (t.answers.c.user_id == user_id))

    def of_anyone(self, answer_id: str) -> Exchange:
        """An answer that anybody was given, for the operator. Raises `NotFound`."""
        return self._exchange(t.answers.c.id == answer_id)

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
        query = _WITH_FEEDBACK.where(_theirs(conversation_id, user_id))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(t.answers.c.created_at, t.answers.c.id)).all()
        if not rows:
            raise NotFound(_NO_CONVERSATION)
        return [exchange_of(row) for row in rows]

    def history(self, conversation_id: str, *, user_id: str | None, most: int) -> History:
        """The last `most` questions of a conversation of this person, none of one that is only beginning."""
        query = _WITH_FEEDBACK.where(_theirs(conversation_id, user_id))
        with self._database.read() as connection:
            at = connection.execute(sa.select(now())).scalar_one()
            rows = connection.execute(
                query.order_by(t.answers.c.created_at.desc(), t.answers.c.id.desc()).limit(most)
            ).all()
        return History(at, tuple(exchange_of(row) for row in reversed(rows)))

    def forget(self, conversation_id: str, *, user_id: str | None) -> int:
        """Delete a conversation of this person; how many questions it had. Raises `NotFound`.

        An answer in it that is still being written is not stored any more.
        """
        with self._database.write() as connection:
            _locked(connection, conversation_id, user_id)
            deleted = connection.execute(t.answers.delete().where(_theirs(conversation_id, user_id))).rowcount
            if not deleted:
                raise NotFound(_NO_CONVERSATION)
            kept = t.conversations
            this = (kept.c.id == conversation_id) & (kept.c.owner == (user_id or ""))
            connection.execute(kept.update().where(this).values(forgotten_at=now()))
            connection.execute(kept.delete().where(kept.c.forgotten_at < now() - _REMEMBERED_SECONDS))
        return deleted

    def _exchange(self, condition: sa.ColumnElement[bool]) -> Exchange:
        with self._database.read() as connection:
            row = connection.execute(_WITH_FEEDBACK.where(condition)).first()
        if row is None:
            raise NotFound(_NO_ANSWER)
        return exchange_of(row)


def exchange_of(row: Row) -> Exchange:
    """A row of answers joined with the feedback."""
    given = None
    if row.rating is not None:
        reason = FeedbackReason(row.reason) if row.reason is not None else None
        given = Feedback(Rating(row.rating), reason, row.text, moment(row.given_at))
    return Exchange(
        row.id, row.user_id, row.conversation_id, row.question, moment(row.created_at), row.body, row.record, given
    )


def _locked(connection: sa.Connection, conversation_id: str, user_id: str | None) -> float | None:
    """Keep others from writing to or deleting the conversation meanwhile; when it was last deleted.

    One statement makes the row or locks it, and what it returns is what the one before has committed.
    """
    kept = t.conversations
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(kept)
    row = {"id": conversation_id, "owner": user_id or ""}
    statement = insert.values(row).on_conflict_do_update(index_elements=["id", "owner"], set_={"id": conversation_id})
    found: float | None = connection.execute(statement.returning(kept.c.forgotten_at)).scalar_one()
    return found


def _theirs(conversation_id: str, user_id: str | None) -> sa.ColumnElement[bool]:
    return (t.answers.c.conversation_id == conversation_id) & (t.answers.c.user_id == user_id)
