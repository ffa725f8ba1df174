"""What people think of answers that they were given. It goes with its answer."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import NotFound
from core.exchanges import Exchange, FeedbackReason, Rating
from core.storage import tables as t
from core.storage.answers import exchange_of
from core.storage.database import Database, now

_COLUMNS = [t.feedback.c[name] for name in ("rating", "reason", "text", "given_at")]


class Opinions:
    """Feedback by answer; each answer has at most one, from the person who asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(
        self, answer_id: str, rating: Rating, reason: FeedbackReason | None, text: str, *, user_id: str | None
    ) -> None:
        """Store what a person thinks of their answer in place of what they said before. Raises `NotFound`."""
        values = {"rating": rating, "reason": reason, "text": text, "given_at": now()}
        with self._database.write() as connection:
            insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(t.feedback)
            _require(connection, answer_id, user_id)
            statement = insert.values(answer_id=answer_id, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["answer_id"], set_=values))

    def take_back(self, answer_id: str, *, user_id: str | None) -> None:
        """Forget what a person thinks of their answer, if they said anything. Raises `NotFound`."""
        with self._database.write() as connection:
            _require(connection, answer_id, user_id)
            connection.execute(t.feedback.delete().where(t.feedback.c.answer_id == answer_id))

    def page(
        self,
        *,
        rating: Rating | None = None,
        reason: FeedbackReason | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[Exchange]:
        """Answers of everybody with feedback, the newest feedback first; `after` is the last id of the page before."""
        query = sa.select(t.answers, *_COLUMNS).join(t.feedback, t.feedback.c.answer_id == t.answers.c.id)
        if rating is not None:
            query = query.where(t.feedback.c.rating == rating)
        if reason is not None:
            query = query.where(t.feedback.c.reason == reason)
        if after:
            last = sa.select(t.feedback.c.given_at).where(t.feedback.c.answer_id == after).scalar_subquery()
            given_at, answer_id = t.feedback.c.given_at, t.feedback.c.answer_id
            query = query.where((given_at < last) | ((given_at == last) & (answer_id < after)))
        query = query.order_by(t.feedback.c.given_at.desc(), t.feedback.c.answer_id.desc()).limit(limit)
        with self._database.read() as connection:
            return [exchange_of(row) for row in connection.execute(query)]

    def counts(self, since: float) -> list[tuple[str, str | None, int]]:
        """Rating, reason and how often both were given since then (seconds since 1970), the most frequent first."""
        rating, reason, number = t.feedback.c.rating, t.feedback.c.reason, sa.func.count()
        query = sa.select(rating, reason, number).where(t.feedback.c.given_at >= since).group_by(rating, reason)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(number.desc(), rating, reason))
            return [(str(one), None if why is None else str(why), int(often)) for one, why, often in rows]


def _require(connection: sa.Connection, answer_id: str, user_id: str | None) -> None:
    # Locked, so that the answer is not deleted in between.
    query = sa.select(t.answers.c.id).where((t.answers.c.id == answer_id) & (t.answers.c.user_id == user_id))
    if connection.execute(query.with_for_update(key_share=True)).first() is None:
        raise NotFound("There is no such answer.")
