"""Collections and who belongs to them."""

from collections.abc import Collection as Container
from uuid import uuid4

import sqlalchemy as sa

from core.errors import Conflict, InvalidRequest, NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import moment
from core.values import Collection, CollectionRole

_MAX_NAME = 200
_IDS = sa.select(t.collections.c.id)


class Collections:
    """Reads and writes collections; names are unique, case and surrounding space aside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, owner_id: str | None = None) -> Collection:
        """Create a collection; `owner_id` becomes its owner. Raises `Conflict` when the name is taken."""
        name = collection_name(name)
        collection_id = str(uuid4())
        with self._database.write() as connection:
            self._refuse_taken(connection, name)
            connection.execute(t.collections.insert().values(id=collection_id, name=name, created_at=now()))
            if owner_id is not None:
                connection.execute(
                    t.memberships.insert().values(
                        collection_id=collection_id, user_id=owner_id, role=CollectionRole.OWNER
                    )
                )
        return self.get(collection_id)

    def get(self, collection_id: str) -> Collection:
        """The collection with this id. Raises `NotFound`."""
        found = self._select(t.collections.c.id == collection_id, limit=1)
        if not found:
            raise NotFound("There is no such collection, or you have no access to it.")
        return found[0]

    def by_name(self, name: str) -> Collection:
        """The collection with this name. Raises `NotFound` naming those that exist nowhere near it."""
        name = _spaced(name)
        found = self._select(_is_named(name), limit=1)
        if not found:
            raise NotFound(f"There is no collection named {name!r}.")
        return found[0]

    def ids(self) -> frozenset[str]:
        """The ids of all collections."""
        with self._database.read() as connection:
            return frozenset(connection.execute(_IDS).scalars())

    def names(self) -> dict[str, str]:
        """The names of all collections by id."""
        with self._database.read() as connection:
            return {row.id: row.name for row in connection.execute(sa.select(t.collections.c.id, t.collections.c.name))}

    def page(self, among: Container[str], *, after: str = "", limit: int = 100) -> list[Collection]:
        """Collections whose ids are `among`, ordered by id; `after` is the last id of the previous page."""
        condition = t.collections.c.id.in_(list(among)) & (t.collections.c.id > after)
        return self._select(condition, limit=limit)

    def rename(self, collection_id: str, name: str) -> Collection:
        """Give a collection another name. Raises `NotFound` or `Conflict`."""
        name = collection_name(name)
        with self._database.write() as connection:
            self._refuse_taken(connection, name, except_id=collection_id)
            connection.execute(t.collections.update().where(t.collections.c.id == collection_id).values(name=name))
        return self.get(collection_id)

    def set_member(self, collection_id: str, user_id: str, role: CollectionRole | None) -> None:
        """Give a person a role in a collection, or none at all."""
        mine = (t.memberships.c.collection_id == collection_id) & (t.memberships.c.user_id == user_id)
        with self._database.write() as connection:
            connection.execute(t.memberships.delete().where(mine))
            if role is not None:
                connection.execute(
                    t.memberships.insert().values(collection_id=collection_id, user_id=user_id, role=role)
                )

    def _select(self, condition: sa.ColumnElement[bool], limit: int) -> list[Collection]:
        counted = (
            sa.select(sa.func.count())
            .where(t.documents.c.collection_id == t.collections.c.id)
            .scalar_subquery()
            .label("documents")
        )
        query = sa.select(t.collections, counted).where(condition).order_by(t.collections.c.id).limit(limit)
        with self._database.read() as connection:
            return [
                Collection(id=row.id, name=row.name, created_at=moment(row.created_at), documents=row.documents)
                for row in connection.execute(query)
            ]

    @staticmethod
    def _refuse_taken(connection: sa.Connection, name: str, except_id: str = "") -> None:
        same = _is_named(name) & (t.collections.c.id != except_id)
        if connection.execute(sa.select(t.collections.c.id).where(same)).first():
            raise Conflict(f"There already is a collection named {name!r}.")


def collection_name(name: str) -> str:
    """The name as it is stored, with single spaces. Raises `InvalidRequest` when no collection can have it."""
    name = _spaced(name)
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise InvalidRequest(f"A collection's name has 1 to {_MAX_NAME} printable characters.")
    return name


def _spaced(name: str) -> str:
    return " ".join(name.split())


def _is_named(name: str) -> sa.ColumnElement[bool]:
    # The database lowers both sides: SQLite leaves letters beyond ASCII as they are, Python would not.
    return sa.func.lower(t.collections.c.name) == sa.func.lower(name)
