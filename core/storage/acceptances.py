"""Which conditions of a model's licence people accepted, and when. Which there are is not known here."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage import tables as t
from core.storage.database import Database, now


class Acceptances:
    """Accepted conditions, by person and by the version of the text."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, user_id: str, version: str) -> None:
        """Record that a person accepts a text; the first time counts."""
        with self._database.write() as connection:
            insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(t.acceptances)
            values = {"user_id": user_id, "version": version, "accepted_at": now()}
            connection.execute(insert.values(**values).on_conflict_do_nothing())

    def accepted_at(self, user_id: str, version: str) -> float | None:
        """When a person accepted a text, in seconds since 1970; None if never."""
        mine = (t.acceptances.c.user_id == user_id) & (t.acceptances.c.version == version)
        with self._database.read() as connection:
            return connection.execute(sa.select(t.acceptances.c.accepted_at).where(mine)).scalar_one_or_none()
