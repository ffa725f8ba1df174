"""What is kept of the tokens of passages, to look closely at the few that a search has found.

A row for each passage, unlike its vector: these are read by passage and never all at once.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import Database

# SQLite allows 32,766 bound values in one statement.
_IDS_AT_ONCE = 5_000
# Built once, as searches are many.
_OF = sa.select(t.token_codes.c.passage_id, t.token_codes.c.data).where(
    (t.token_codes.c.embedder == sa.bindparam("made_by"))
    & t.token_codes.c.passage_id.in_(sa.bindparam("ids", expanding=True))
)


class TokenCodes:
    """Reads the codes of tokens; they are stored together with the vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, embedder: str, passages: Sequence[int]) -> dict[int, bytes]:
        """The codes that an embedder's tokens have given, by the ids of the passages; those without are left out."""
        found: dict[int, bytes] = {}
        with self._database.read() as connection:
            for start in range(0, len(passages), _IDS_AT_ONCE):
                asked = {"made_by": embedder, "ids": passages[start : start + _IDS_AT_ONCE]}
                found.update((passage_id, data) for passage_id, data in connection.execute(_OF, asked).all())
        return found


def put_codes(connection: sa.Connection, version_id: str, embedder: str, codes: Sequence[bytes]) -> None:
    """Let these be the codes of a version's passages, in their order: one for each, or none at all."""
    ids = list(
        connection.execute(
            sa.select(t.passages.c.id).where(t.passages.c.version_id == version_id).order_by(t.passages.c.position)
        ).scalars()
    )
    mine = t.token_codes.c.passage_id.in_(sa.select(t.passages.c.id).where(t.passages.c.version_id == version_id))
    connection.execute(t.token_codes.delete().where((t.token_codes.c.embedder == embedder) & mine))
    rows = [
        {"passage_id": passage_id, "embedder": embedder, "data": data}
        for passage_id, data in zip(ids if codes else (), codes, strict=True)
        if data
    ]
    if rows:
        connection.execute(t.token_codes.insert(), rows)
