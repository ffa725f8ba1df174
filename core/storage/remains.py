"""Looks for remains of a deleted document in every column of every table, and among the stored files."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t

_MOST_PROBES = 8
# Of a collection there may be many; that they are named somewhere is no remainder.
_MOST_IDS = 50
_PROBE_CHARACTERS = (32, 100)
_ANY_LENGTH = sys.maxsize
# What stands in these belongs to documents that are there, or is the receipt itself.
_OF_OTHERS = frozenset({t.pages.name, t.passages.name, t.receipts.name})


@dataclass(frozen=True, slots=True)
class Traces:
    """What to look for: the ids of the document and its versions, and words in a row that stood in it."""

    ids: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look outside of the database found, as a receipt tells it.

    `clean` where nothing of the document was there; `asked` where its words are not needed for another look; `settled`
    where every place could be looked at and was clean.
    """

    found: Mapping[str, Any]
    clean: bool
    asked: bool
    settled: bool


Elsewhere = Callable[[Traces], Look]


def traces(document_id: str, version_ids: Sequence[str], texts: Sequence[str]) -> Traces:
    """What a document with these passages can be known by: words from all over it."""
    step = max(1, len(texts) // _MOST_PROBES)
    words = [probe for text in texts[::step] if (probe := _probe(text))]
    return Traces((document_id, *version_ids), tuple(dict.fromkeys(words[:_MOST_PROBES])))


def look(connection: sa.Connection, found: Traces) -> dict[str, Any]:
    """How much is left, by table and column: `words` must be empty; `references` name the document without its content.

    Words that stand in other documents too prove nothing, and do not count.
    """
    columns = list(_columns())
    probes, words = found.words, _rows(connection, columns, _forms(found.words))
    if words:  # whether others have them means reading every passage, so that is only asked where it matters
        probes = tuple(one for one in probes if not _stands_elsewhere(connection, one))
        words = _rows(connection, columns, _forms(probes))
    return {
        "columns": len(columns),
        "probes": len(probes),
        "words": words,
        "references": _rows(connection, columns, found.ids[:_MOST_IDS]),
    }


def _columns() -> Iterator[tuple[sa.Table, sa.Column[Any]]]:
    for table in t.metadata.sorted_tables:
        for column in table.columns:
            if table.name not in _OF_OTHERS and isinstance(column.type, sa.String | sa.JSON):
                yield table, column


def _rows(
    connection: sa.Connection, columns: Sequence[tuple[sa.Table, sa.Column[Any]]], texts: Sequence[str]
) -> dict[str, int]:
    """How many rows of each column have one of the texts in it; columns without any are left out.

    Each table is read once. Texts that are longer than a column's values can be are not looked for there.
    """
    found: dict[str, int] = {}
    for table, pairs in groupby(columns, itemgetter(0)):
        counts = []
        for _, column in pairs:
            most = getattr(column.type, "length", None) or _ANY_LENGTH
            text = sa.cast(column, sa.Text)
            holds = [text.contains(one, autoescape=True) for one in texts if len(one) <= most]
            if holds:
                counts.append(sa.func.count().filter(sa.or_(*holds)).label(column.name))
        if counts:
            row = connection.execute(sa.select(*counts).select_from(table)).one()
            found |= {f"{table.name}.{name}": rows for name, rows in row._mapping.items() if rows}
    return found


def _probe(text: str) -> str:
    """Some words in the middle of the longest line."""
    least, most = _PROBE_CHARACTERS
    line = max((" ".join(line.split()) for line in text.splitlines()), key=len, default="")
    if len(line) < least:
        return ""
    start = max(0, (len(line) - most) // 2)
    cut = line[start : start + most]
    if start:
        cut = cut.partition(" ")[2]
    return cut if len(cut) >= least else ""


def _forms(probes: Sequence[str]) -> list[str]:
    """The words of each as they are, and as JSON writes them."""
    return [form for words in probes for form in sorted({words, json.dumps(words)[1:-1]})]


def _stands_elsewhere(connection: sa.Connection, words: str) -> bool:
    query = sa.select(t.passages.c.id).where(t.passages.c.text.contains(words, autoescape=True)).limit(1)
    return connection.execute(query).first() is not None
