"""What all processes of an installation agree on: the embedder whose vectors answer, and how it is opened.

Which one that should be is decided in `retrieval`; the vectors themselves are in `vectors`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import EmbedderReplaced
from core.storage import tables as t
from core.storage.database import Database
from core.storage.vectors import AGREED, lacking


@dataclass(frozen=True, slots=True)
class Recipe:
    """How text becomes vectors: `name` tells these vectors from all others, the rest opens the model.

    `model` is `bundled`, a folder or a name; each part has at most 200 characters.
    """

    name: str
    model: str
    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: str = "auto"


class Agreements:
    """Reads and changes the agreements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def embedder(self) -> Recipe | None:
        """The recipe whose vectors answer; None before the first agreement."""
        with self._database.read() as connection:
            return _agreed(connection)

    def agree(self, candidates: Sequence[Recipe]) -> Recipe:
        """The recipe whose vectors answer; where nothing is agreed yet, from now on one of these.

        That is the first one whose vectors are stored already, else the first of all.
        """
        with self._database.write() as connection:
            stored = set(connection.execute(sa.select(t.vectors.c.embedder).distinct()).scalars())
            first = next((recipe for recipe in candidates if recipe.name in stored), candidates[0])
            insert = _insert(connection)
            mine = insert.values(name=AGREED, value=first.name).on_conflict_do_nothing().returning(t.agreements.c.name)
            if connection.execute(mine).first() is not None:
                _write(connection, first)
            return _agreed(connection) or first

    def swap(self, recipe: Recipe, dimensions: int) -> int:
        """Let this recipe's vectors answer from now on, if every version that answers has them.

        Returns how many versions lack them: with 0 the swap is done. Publications wait meanwhile, so none slips in
        between with vectors of the old one alone.
        """
        with self._database.write() as connection:
            connection.execute(sa.select(t.agreements).where(t.agreements.c.name == AGREED).with_for_update())
            missing: int = connection.execute(
                sa.select(sa.func.count()).select_from(lacking(recipe.name, dimensions).subquery())
            ).scalar_one()
            if not missing:
                _write(connection, recipe)
            return missing


def prove_agreed(connection: sa.Connection, embedder: str) -> None:
    """Raise `EmbedderReplaced` unless this embedder's vectors answer; keeps it so until the transaction ends."""
    query = sa.select(t.agreements.c.value).where(t.agreements.c.name == AGREED).with_for_update(read=True)
    agreed = connection.execute(query).scalar_one_or_none()
    if agreed is not None and agreed != embedder:
        raise EmbedderReplaced("Another embedder answers by now. The document is embedded again.")


def _agreed(connection: sa.Connection) -> Recipe | None:
    stored = {row.name: row.value for row in connection.execute(sa.select(t.agreements))}
    if AGREED not in stored:
        return None
    return Recipe(**{part: stored[row] for part, row in _ROWS.items()})


def _write(connection: sa.Connection, recipe: Recipe) -> None:
    # Never deleted: whoever waits for the row's lock must find the new value in it.
    insert = _insert(connection)
    rows = [{"name": _ROWS[part], "value": value} for part, value in asdict(recipe).items()]
    changed = insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    connection.execute(changed, rows)


def _insert(connection: sa.Connection) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(t.agreements) if connection.dialect.name == "sqlite" else postgresql.insert(t.agreements)


# The first is the lock.
_ROWS = {
    "name": AGREED,
    "model": "embedder model",
    "query_prefix": "embedder query prefix",
    "passage_prefix": "embedder passage prefix",
    "pooling": "embedder pooling",
}
