"""Tables as lines of JSON and back: the same for SQLite and PostgreSQL, so a backup of one restores into the other.

Bytes are base64; everything else is what JSON makes of it. Which tables and when is decided in `backup` and `restore`.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t

# Rows that hold the vectors of a whole document are read a few at a time.
_ROWS_AT_ONCE, _LARGE_ROWS_AT_ONCE = 200, 4
_LARGE = frozenset({t.vectors.name, t.pages.name})
# Rows are written into the database in such portions, and no portion holds more text than this beyond its last row.
_CHARACTERS_AT_ONCE = 8 * 1024 * 1024
# The largest passage id that was ever given: none is given twice, since answers cite them.
HIGHEST_PASSAGE = "highest_passage"


def lines(connection: sa.Connection, table: sa.Table) -> Iterator[bytes]:
    """Every row of a table as a line: an array in the order of `columns`."""
    codes = [isinstance(column.type, sa.LargeBinary) for column in table.columns]
    size = _LARGE_ROWS_AT_ONCE if table.name in _LARGE else _ROWS_AT_ONCE
    query = sa.select(table).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": size}) as rows:
        for row in rows:
            values = [
                base64.b64encode(value).decode() if coded and value is not None else value
                for coded, value in zip(codes, row, strict=True)
            ]
            yield json.dumps(values, separators=(",", ":")).encode() + b"\n"


def columns(table: sa.Table) -> list[str]:
    """The names of a table's columns in the order of its lines."""
    return [column.name for column in table.columns]


class Loader:
    """Puts lines back into tables of the revision that the database has at this moment."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._tables = _reflected(connection)

    @property
    def tables(self) -> frozenset[str]:
        """The names of all tables there are."""
        return frozenset(self._tables.tables)

    def load(self, name: str, names: list[str], rows: Iterable[bytes]) -> int:
        """Put rows into a table; how many. Raises `ValueError` for what is no row of it."""
        table = self._tables.tables[name]
        if unknown := set(names) - set(table.columns.keys()):
            raise ValueError(f"the table {name} has no column {sorted(unknown)[0]}")
        coded = [isinstance(table.columns[column].type, sa.LargeBinary) for column in names]
        count = 0
        for portion in _portions(rows):
            loaded = [_row(names, coded, line) for line in portion]
            self._connection.execute(table.insert(), loaded)
            count += len(loaded)
        return count

    def set_highest_passage(self, number: int) -> None:
        """Let no passage get an id up to this one."""
        if self._connection.dialect.name == "sqlite":
            self._connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'passages'"))
            self._connection.execute(
                sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('passages', :n)"), {"n": number}
            )
        elif number:
            sequence = sa.func.pg_get_serial_sequence("passages", "id")
            self._connection.execute(sa.select(sa.func.setval(sequence, number)))


def highest_passage(connection: sa.Connection) -> int:
    """The largest passage id that was ever given."""
    largest = connection.execute(sa.select(sa.func.coalesce(sa.func.max(t.passages.c.id), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
    else:
        name = connection.execute(sa.select(sa.func.pg_get_serial_sequence("passages", "id"))).scalar_one()
        query = sa.text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")  # noqa: S608 - its own
    given: int = connection.execute(query).scalar_one_or_none() or 0
    return max(int(largest), given)


def empty(connection: sa.Connection) -> None:
    """Drop all tables, whichever revision they are of."""
    _reflected(connection).drop_all(connection)
    connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def _reflected(connection: sa.Connection) -> sa.MetaData:
    found = sa.MetaData()
    # Other programs may have tables in the same database.
    found.reflect(connection, only=lambda name, _: name in t.metadata.tables)
    for table in found.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                # Where nothing was stored, nothing is stored again, rather than a JSON `null`.
                column.type = sa.JSON(none_as_null=True)
    return found


def _portions(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    size = 0
    for row in rows:
        portion.append(row)
        size += len(row)
        if len(portion) == _ROWS_AT_ONCE or size > _CHARACTERS_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _row(names: list[str], coded: list[bool], line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, list):
        raise ValueError("a line is no row")
    return {
        name: base64.b64decode(value, validate=True) if is_coded and value is not None else value
        for name, is_coded, value in zip(names, coded, values, strict=True)
    }
