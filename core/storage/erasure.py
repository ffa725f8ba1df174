"""Erases excerpts in the moderation log that came from a deleted document, or quote it. The rows stay, and say so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.chain import erasure
from core.storage.database import now
from core.storage.decisions import SOURCES, append_decisions, decided, hold_log
from core.storage.rows import Row
from core.storage.withdrawal import rests_on

# Where texts are judged that were written from passages; at the second one their questions, which may be rewritten.
_WRITTEN = ("generation", "answer", "rendering", "retrieval")
_PASSAGE = "passage"
_BLOCK = 16
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Gone:
    """A document that is being deleted: the texts of its passages, by their ids."""

    document_id: str
    passages: Mapping[int, str]


class Quotes:
    """Tells whether texts have words in common with others: a run of 47 letters and figures is always found, one of
    fewer than 32 never, whatever stands between them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._blocks = frozenset(
            folded[start : start + _BLOCK]
            for folded in map(_folded, texts)
            for start in range(0, len(folded) - _BLOCK + 1, _BLOCK)
        )

    def are_in(self, text: str) -> bool:
        """Whether two blocks that follow each other in the text are blocks of the others."""
        folded, blocks = _folded(text), self._blocks
        places = range(len(folded) - 2 * _BLOCK + 1)
        return any(
            folded[at : at + _BLOCK] in blocks and folded[at + _BLOCK : at + 2 * _BLOCK] in blocks for at in places
        )


def erase_excerpts(connection: sa.Connection, gone: Gone) -> int:
    """Erase what the log quotes of a document, inside the transaction that has just deleted it; of how many rows.

    Call it before the change is recorded, and after whatever else locks documents.
    """
    return erase(connection, list(_concerned(connection, gone)) if _any_kept(connection) else [], gone.document_id)


def erase(connection: sa.Connection, numbers: Sequence[int], document_id: str) -> int:
    """Erase the excerpts of these rows, as far as they have any, and append what says so; of how many rows."""
    if not numbers:
        return 0
    at: float = connection.execute(sa.select(now())).scalar_one()
    # Nothing is appended or forgotten meanwhile.
    hold_log(connection)
    erased = 0
    for start in range(0, len(numbers), _ROWS_AT_ONCE):
        these = t.decisions.c.number.in_(numbers[start : start + _ROWS_AT_ONCE]) & (t.decisions.c.excerpt != "")
        rows = [decided(row) for row in connection.execute(sa.select(t.decisions).where(these))]
        if rows:
            append_decisions(connection, [erasure(at, document_id, rows)])
            empty = {"excerpt": "", "excerpt_salt": "", "erased_at": at, "erased_for": document_id}
            erased += connection.execute(t.decisions.update().where(these).values(**empty)).rowcount
    return erased


def left_excerpts(connection: sa.Connection) -> Iterator[tuple[int, str]]:
    """Rows that still quote a document which is gone, by what they or their answers say, with its id.

    Deletions leave none; they are of the time before those did that.
    """
    if not _any_kept(connection):
        return
    there = set(connection.execute(sa.select(t.documents.c.id)).scalars())
    answers = sa.select(t.answers.c.body).where(t.answers.c.id == sa.bindparam("id"))
    query = sa.select(t.decisions).where(t.decisions.c.excerpt != "").order_by(t.decisions.c.number)
    for row in connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
        sources = set(row.detail.get(SOURCES, ()))
        if not sources and row.point in _WRITTEN:
            body = connection.execute(answers, {"id": row.request_id}).scalar_one_or_none()
            sources = rests_on(body) if body is not None else sources
        if gone := sources - there:
            yield row.number, min(gone)


def _any_kept(connection: sa.Connection) -> bool:
    query = sa.select(t.decisions.c.number).where(t.decisions.c.excerpt != "").limit(1)
    return connection.execute(query).first() is not None


def _concerned(connection: sa.Connection, gone: Gone) -> Iterator[int]:
    """Numbers of the rows: what their detail says, what their answers rest on, what their words are."""
    resting = _resting(connection, gone.document_id)
    quotes = Quotes(gone.passages.values())
    columns = [t.decisions.c[name] for name in ("number", "point", "request_id", "detail", "excerpt")]
    query = sa.select(*columns).where(t.decisions.c.excerpt != "").order_by(t.decisions.c.number)
    for row in connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
        if (
            _names(row, gone)
            or (row.point in _WRITTEN and row.request_id in resting)
            # A passage of another document is nobody else's, whatever it says.
            or (not (row.point == _PASSAGE and row.detail.get(SOURCES)) and quotes.are_in(row.excerpt))
        ):
            yield row.number


def _names(row: Row, gone: Gone) -> bool:
    """Whether the row says that it is about the document, or one of its passages: it did not always name documents."""
    passages = [row.detail.get("passage"), *row.detail.get("passages", ())]
    return gone.document_id in row.detail.get(SOURCES, ()) or any(one in gone.passages for one in passages)


def _resting(connection: sa.Connection, document_id: str) -> set[str]:
    """The ids of the answers that cite the document, or could have rested on it."""
    columns = t.answers.c.body, t.answers.c.record
    mentions = sa.or_(*(sa.cast(column, sa.Text).contains(document_id) for column in columns))
    return set(connection.execute(sa.select(t.answers.c.id).where(mentions)).scalars())


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
