"""Whether what the installation says of the past still holds: its receipts, its log of decisions, its stored answers.

Nothing here is made anew from other rows: a signature or a hash that does not fit is told, and stays as it is.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.receipts import Receipt, is_genuine
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.decisions import Decisions
from core.storage.erasure import erase, left_excerpts
from core.storage.receipts import Receipts
from core.storage.soundness import Problem
from core.storage.summaries import withdraw_results
from core.storage.withdrawal import is_withdrawn, rests_on, withdrawn
from core.summaries import ItemState

_AT_ONCE = 200
# Until then whoever deleted is still looking for remains, or upkeep will.
_OPEN_SECONDS = 3600.0


class Testimony:
    """Finds and, where that is honest, mends what speaks of documents that are gone."""

    def __init__(self, database: Database, receipts: Receipts, decisions: Decisions) -> None:
        self._database = database
        self._receipts = receipts
        self._decisions = decisions

    def problems(self) -> Iterator[Problem]:
        """Everything that is not as it was said or signed."""
        if trouble := self._decisions.verify().trouble:
            text = (
                f"{trouble} Nothing can mend that: compare it with an export or a backup, and find out who had access."
            )
            yield Problem("decision_log", "decisions", text)
        yield from self._of_receipts()
        with self._database.read() as connection:
            yield from _quotes(connection)
            yield from _excerpts(connection)

    def mend(self, problem: Problem) -> None:
        """Take out words that should be gone, and end what was cut off."""
        match problem.kind:
            case "open_receipt":
                self._receipts.complete(problem.subject)
            case "excerpt_of_deleted":
                with self._database.write() as connection:
                    numbers = [number for number, gone in left_excerpts(connection) if gone == problem.subject]
                    erase(connection, numbers, problem.subject)
            case "quote_of_deleted":
                with self._database.write() as connection:
                    _withdraw(connection, problem.subject)

    def _of_receipts(self) -> Iterator[Problem]:
        """Receipts that nobody signed so, that were never ended, or whose documents are there."""
        key = self._receipts.known_key()
        with self._database.read() as connection:
            if key is None:
                if connection.execute(sa.select(t.receipts.c.id).limit(1)).first() is not None:
                    yield Problem("signing_key", "receipts", "The key that signed receipts is gone. Restore a backup.")
                return
            there = set(connection.execute(sa.select(t.documents.c.id)).scalars())
            late = t.receipts.c.deleted_at < now() - _OPEN_SECONDS
            query = sa.select(t.receipts, late.label("late")).order_by(t.receipts.c.deleted_at)
            for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
                yield from _of_receipt(Receipt(row.id, row.body, row.signature, key), bool(row.late), there)


def _of_receipt(receipt: Receipt, late: bool, there: set[str]) -> Iterator[Problem]:
    if not receipt.signature:
        if late:
            yield Problem("open_receipt", receipt.id, "Nobody has looked for remains of this deletion.")
    elif not is_genuine(receipt):
        yield Problem("receipt", receipt.id, "This receipt was changed after it was signed. Restore it from a backup.")
        return
    for document_id in receipt.documents & there - receipt.restored:
        text = f"The receipt {receipt.id} says that this document was deleted, and it is there. Delete it again."
        yield Problem("undeleted", document_id, text)


def _quotes(connection: sa.Connection) -> Iterator[Problem]:
    """Stored answers and summaries that hold words of documents which are gone."""
    there = set(connection.execute(sa.select(t.documents.c.id)).scalars())
    text = "It still holds words of a document that was deleted."
    query = sa.select(t.answers.c.id, t.answers.c.body).order_by(t.answers.c.id)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        if not rests_on(row.body) <= there and not is_withdrawn(row.body):
            yield Problem("quote_of_deleted", row.id, text)
    items = sa.select(t.summary_items.c.document_id).where(t.summary_items.c.state != ItemState.GONE).distinct()
    for document_id in connection.execute(items).scalars():
        if document_id not in there:
            yield Problem("quote_of_deleted", document_id, text)


def _excerpts(connection: sa.Connection) -> Iterator[Problem]:
    """Documents that are gone, and of which the log of moderation still has excerpts."""
    counts = Counter(gone for _, gone in left_excerpts(connection))
    for document_id, rows in sorted(counts.items()):
        yield Problem(
            "excerpt_of_deleted", document_id, f"The moderation log quotes this deleted document: {rows} rows."
        )


def _withdraw(connection: sa.Connection, subject: str) -> None:
    body: Any = connection.execute(sa.select(t.answers.c.body).where(t.answers.c.id == subject)).scalar_one_or_none()
    if body is not None:
        connection.execute(t.answers.update().where(t.answers.c.id == subject).values(body=withdrawn(body)))
    else:
        withdraw_results(connection, subject)
