"""Receipts of deletions: begun in the transaction that deletes, completed and signed after a look for remains.

A receipt whose look was cut off is completed later, by upkeep or on request. What can only be looked at from above
(searches, indexes, Redis) is handed in; until all of that is clean, a receipt stays open and is signed anew. How
receipts are checked is in `core.receipts`.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import NotFound
from core.receipts import Receipt, new_key, public_half, signed
from core.storage import tables as t
from core.storage.database import Database
from core.storage.dropping import NEEDED, drop_file
from core.storage.files import FileStore
from core.storage.remains import Elsewhere, Look, Traces, look
from core.storage.rows import Row, moment

SIGNING_KEY = "signing key"
SECRET = sa.select(t.agreements.c.value).where(t.agreements.c.name == SIGNING_KEY)
_AT_ONCE = 200
_BACKUPS = "Backups that were made before this still hold the document."


def begin_receipt(
    connection: sa.Connection, body: Mapping[str, Any], pending: Traces, *, subject: str, at: float
) -> str:
    """Note a deletion inside its transaction, with what is needed to look for remains afterwards; the receipt's id.

    `subject` is the id of the document, or of the collection, that is gone.
    """
    receipt_id = str(uuid4())
    told = {"id": receipt_id, "deleted_at": moment(at).isoformat(), **body, "note": _BACKUPS}
    row = {"id": receipt_id, "document_id": subject, "deleted_at": at, "body": told, "pending": asdict(pending)}
    connection.execute(t.receipts.insert().values(**row, signature=""))
    return receipt_id


class Receipts:
    """Stores, completes and lists receipts."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database = database
        self._files = files

    def public_key(self) -> str:
        """The key by which this installation's receipts are checked, in hex."""
        return public_half(self._secret())

    def known_key(self) -> str | None:
        """The same, without making one where there is none."""
        with self._database.read() as connection:
            found = connection.execute(SECRET).scalar_one_or_none()
        return public_half(found) if found is not None else None

    def complete(self, receipt_id: str, elsewhere: Elsewhere | None = None) -> Receipt:
        """Look for remains and sign what was found, unless that was done. Raises `NotFound`.

        `elsewhere` looks outside of the database; a receipt is signed without it too, and once more after it.
        """
        row = self._row(receipt_id)
        if not row.signature or (row.pending is not None and elsewhere is not None):
            self._look_and_sign(row, elsewhere)
            self._database.forget_freed()
        return self.get(receipt_id)

    def complete_all(self, elsewhere: Elsewhere | None = None) -> int:
        """Complete what was cut off, and what nobody has looked for elsewhere; how many."""
        wanted = t.receipts.c.signature == ""
        if elsewhere is not None:
            wanted |= t.receipts.c.pending.is_not(None)
        with self._database.read() as connection:
            query = sa.select(t.receipts.c.id).where(wanted).order_by(t.receipts.c.deleted_at).limit(_AT_ONCE)
            ids = list(connection.execute(query).scalars())
        for receipt_id in ids:
            self.complete(receipt_id, elsewhere)
        return len(ids)

    def _look_and_sign(self, row: Row, elsewhere: Elsewhere | None) -> None:
        secret = self._secret()
        for sha256 in row.body["sha256"]:
            drop_file(self._database, self._files, sha256)
        traces = Traces(tuple(row.pending["ids"]), tuple(row.pending["words"]))
        scan, clean = dict(row.body.get("scan", ())), bool(row.body.get("clean", True))
        if not row.signature or traces.words:
            with self._database.snapshot() as connection:
                found = look(connection, traces)
                kept = self._kept_files(connection, row.body["sha256"])
            scan, clean = {**found, "files": kept}, not found["words"] and not kept["left"]
        seen = elsewhere(traces) if elsewhere is not None else Look({}, clean=True, asked=False, settled=False)
        told = {"scan": {**scan, **seen.found}, "clean": clean and seen.clean, "complete": seen.settled}
        body = {**row.body, **told}
        values: dict[str, Any] = {"body": body, "signature": signed(body, secret)}
        if seen.settled:
            values["pending"] = sa.null()
        elif seen.asked:  # words of what is gone stay here no longer than they are needed
            values["pending"] = asdict(replace(traces, words=()))
        # Another process may have signed it meanwhile; whoever was first is right.
        mine = (t.receipts.c.id == row.id) & (t.receipts.c.signature == row.signature)
        with self._database.write() as connection:
            connection.execute(t.receipts.update().where(mine).values(**values))

    def get(self, receipt_id: str) -> Receipt:
        """A receipt. Raises `NotFound`."""
        return self._receipt(self._row(receipt_id), self.public_key())

    def page(self, *, after: str = "", limit: int = 100) -> list[Receipt]:
        """Receipts, the latest deletion first; `after` is the last id of the page before."""
        receipts = t.receipts
        query = sa.select(receipts).order_by(receipts.c.deleted_at.desc(), receipts.c.id.desc()).limit(limit)
        if after:
            last = sa.select(receipts.c.deleted_at).where(receipts.c.id == after).scalar_subquery()
            earlier = (receipts.c.deleted_at < last) | ((receipts.c.deleted_at == last) & (receipts.c.id < after))
            query = query.where(earlier)
        key = self.public_key()
        with self._database.read() as connection:
            return [self._receipt(row, key) for row in connection.execute(query)]

    def _kept_files(self, connection: sa.Connection, hashes: list[str]) -> dict[str, list[str]]:
        """Which of the stored files other documents need, and which are left although nobody does."""
        needed = NEEDED.subquery()
        query = sa.select(needed.c.sha256).where(needed.c.sha256.in_(hashes))
        shared = set(connection.execute(query).scalars())
        left = [one for one in hashes if one not in shared and self._files.path(one).exists()]
        return {"shared": sorted(shared), "left": left}

    def _row(self, receipt_id: str) -> Row:
        with self._database.read() as connection:
            row = connection.execute(sa.select(t.receipts).where(t.receipts.c.id == receipt_id)).first()
        if row is None:
            raise NotFound("There is no such receipt.")
        return row

    @staticmethod
    def _receipt(row: Row, key: str) -> Receipt:
        return Receipt(row.id, row.body, row.signature, key)

    def _secret(self) -> str:
        """The installation's secret key, made at first use; in the database, so that all machines have the same."""
        with self._database.read() as connection:
            found = connection.execute(SECRET).scalar_one_or_none()
        if found is None:
            with self._database.write() as connection:
                insert = (sqlite if self._database.is_sqlite else postgresql).insert(t.agreements)
                connection.execute(insert.values(name=SIGNING_KEY, value=new_key()).on_conflict_do_nothing())
                found = connection.execute(SECRET).scalar_one()
        return str(found)
