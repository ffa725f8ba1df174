"""Deletes a collection with all its documents, and puts what their receipts would say into one.

Each document goes in a transaction of its own, with a receipt of its own until the collection is gone: what a killed
process leaves is completed like any other deletion.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.errors import Conflict, NotFound
from core.receipts import CollectionReceipt
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.documents import Documents
from core.storage.receipts import Receipts, begin_receipt
from core.storage.remains import Elsewhere, Traces

_ROUNDS = 3
_MOST_WORDS = 32
_IDS_AT_ONCE = 500
_COUNTS = ("versions", "pages", "passages", "answers", "excerpts")


class Dissolution:
    """Deletes whole collections."""

    def __init__(self, database: Database, documents: Documents, receipts: Receipts) -> None:
        self._database = database
        self._documents = documents
        self._receipts = receipts

    def dissolve(
        self, collection_id: str, *, by: str | None = None, elsewhere: Elsewhere | None = None
    ) -> CollectionReceipt:
        """Delete every document, then the collection; uploads that arrive meanwhile are deleted too, within reason.

        Raises `NotFound`, and `Conflict` where documents keep coming.
        """
        began: list[str] = []
        for _ in range(_ROUNDS):
            for document_id in self._left(collection_id):
                try:
                    began.append(self._documents.take_out(document_id, by=by))
                except NotFound:  # another deletion was faster
                    continue
            receipt_id = self._end(collection_id, began, by)
            if receipt_id is not None:
                receipt = self._receipts.complete(receipt_id, elsewhere)
                return CollectionReceipt(collection_id, receipt.body["collection"], len(began), receipt)
        raise Conflict("The collection still has documents.")

    def _left(self, collection_id: str) -> list[str]:
        with self._database.read() as connection:
            query = sa.select(t.documents.c.id).where(t.documents.c.collection_id == collection_id)
            return list(connection.execute(query.order_by(t.documents.c.id)).scalars())

    def _end(self, collection_id: str, began: Sequence[str], by: str | None) -> str | None:
        """Remove the empty collection and merge the receipts; the id of the one, None while documents are left."""
        with self._database.write() as connection:
            mine = t.collections.c.id == collection_id
            name = connection.execute(
                sa.select(t.collections.c.name).where(mine).with_for_update()
            ).scalar_one_or_none()
            if name is None:
                raise NotFound("There is no such collection, or you have no access to it.")
            of_it = t.documents.c.collection_id == collection_id
            if connection.execute(sa.select(t.documents.c.id).where(of_it).limit(1)).first() is not None:
                return None
            connection.execute(t.collections.delete().where(mine))
            rows = _taken(connection, began)
            at: float = connection.execute(sa.select(now())).scalar_one()
            told = {"collection": name, "collection_id": collection_id, "by": by, **_merged([row[0] for row in rows])}
            pending = [row[1] for row in rows if row[1] is not None]
            ids = (collection_id, *(one for each in pending for one in each["ids"]))
            words = list(dict.fromkeys(one for each in pending for one in each["words"]))
            some = tuple(words[:: max(1, len(words) // _MOST_WORDS)][:_MOST_WORDS])
            return begin_receipt(connection, told, Traces(ids, some), subject=collection_id, at=at)


def _taken(connection: sa.Connection, receipt_ids: Sequence[str]) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Take the receipts of the documents out, to be merged: what they say, and what is to be looked for."""
    found = []
    for start in range(0, len(receipt_ids), _IDS_AT_ONCE):
        some = t.receipts.c.id.in_(receipt_ids[start : start + _IDS_AT_ONCE])
        rows = connection.execute(sa.select(t.receipts.c.body, t.receipts.c.pending).where(some))
        found += [(row.body, row.pending) for row in rows]
        connection.execute(t.receipts.delete().where(some))
    return found


def _merged(bodies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    documents = [{name: body[name] for name in ("document_id", "filename", "sha256")} for body in bodies]
    return {
        "documents": sorted(documents, key=lambda one: str(one["document_id"])),
        "removed": {name: sum(body["removed"][name] for body in bodies) for name in _COUNTS},
        "sha256": sorted({one for body in bodies for one in body["sha256"]}),
    }
