"""What the processes of one installation agree on, on however many machines: its number, and who holds a lease.

Leases of jobs are in `jobs`; these are for work that one process does at a time, for ever.
"""

import secrets

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage import tables as t
from core.storage.database import Database, now

# The lease of whoever embeds all passages anew.
REINDEX = "reindex"
_NUMBER = "installation"
_NUMBER_BITS = 62


class Installation:
    """The number of the installation, and leases by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def number(self) -> int:
        """A random number that tells this installation from others with which it shares a server."""
        with self._database.read() as connection:
            found = connection.execute(_of(_NUMBER)).scalar_one_or_none()
        if found is not None:
            return found
        with self._database.write() as connection:
            self._ensure(connection, _NUMBER, secrets.randbits(_NUMBER_BITS))
            return connection.execute(_of(_NUMBER)).scalar_one()

    def lease(self, name: str, seconds: float, held: int = 0) -> int | None:
        """Take a lease, or extend the one that is `held`; None while another process holds it.

        A lease is the moment of its end in milliseconds on the database's clock. Each is later than the one before, so
        that comparing and replacing it in one statement tells whether somebody else has had it meanwhile.
        """
        moment = sa.cast(now() * 1000, sa.BigInteger)
        mine = (t.counters.c.n == held) & (held != 0)
        with self._database.write() as connection:
            self._ensure(connection, name, 0)
            taken = connection.execute(
                t.counters.update()
                .where((t.counters.c.name == name) & (mine | (t.counters.c.n < moment)))
                .values(n=moment + int(seconds * 1000))
                .returning(t.counters.c.n)
            ).scalar_one_or_none()
        return int(taken) if taken is not None else None

    def is_held(self, name: str) -> bool:
        """Whether some process holds a lease right now."""
        moment = sa.cast(now() * 1000, sa.BigInteger)
        query = sa.select(t.counters.c.n).where((t.counters.c.name == name) & (t.counters.c.n >= moment))
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def give_back(self, name: str, held: int) -> None:
        """End a lease early; without effect when somebody else has it by now."""
        with self._database.write() as connection:
            connection.execute(
                t.counters.update().where((t.counters.c.name == name) & (t.counters.c.n == held)).values(n=0)
            )

    @staticmethod
    def _ensure(connection: sa.Connection, name: str, n: int) -> None:
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(t.counters)
        connection.execute(insert.values(name=name, n=n).on_conflict_do_nothing())


def _of(name: str) -> sa.Select[int]:
    return sa.select(t.counters.c.n).where(t.counters.c.name == name)
