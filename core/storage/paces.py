"""How fast each writer has worked so far: passages a second over whole runs. Who measures it is in `workers`."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage import tables as t
from core.storage.database import Database

# Of what was measured before, only so many passages weigh on, so that a faster server is noticed within a few runs.
_REMEMBERED = 20_000.0
_NAME = 200


class Paces:
    """Adds up and tells paces by the writer's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, writer: str, passages: int, seconds: float) -> None:
        """Add so many passages that were summarised in so much time."""
        paces, measured = t.paces, {"passages": float(passages), "seconds": seconds}
        with self._database.write() as connection:
            insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(paces)
            connection.execute(
                insert.values(writer=writer[:_NAME], passages=0.0, seconds=0.0).on_conflict_do_nothing(),
            )
            kept = sa.case((paces.c.passages > _REMEMBERED, _REMEMBERED / paces.c.passages), else_=1.0)
            connection.execute(
                paces.update()
                .where(paces.c.writer == writer[:_NAME])
                .values({name: paces.c[name] * kept + more for name, more in measured.items()})
            )

    def of(self, writer: str) -> float | None:
        """Passages a second, None where nothing is known."""
        query = sa.select(t.paces.c.passages, t.paces.c.seconds).where(t.paces.c.writer == writer[:_NAME])
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return row.passages / row.seconds if row is not None and row.passages and row.seconds > 0 else None
