"""What a restore does with receipts: those of the installation that is replaced are kept, and what they say is heeded.

A backup knows nothing of deletions that came after it. Its documents come back, and then the receipts say so too; or
they stay away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.errors import Conflict
from core.receipts import Receipt, signed
from core.storage import tables as t
from core.storage.database import Database
from core.storage.receipts import SECRET, SIGNING_KEY


@dataclass(frozen=True, slots=True)
class Remembered:
    """The receipts of an installation and the secret key that signed them; empty where there are none."""

    rows: Sequence[dict[str, Any]] = ()
    key: str = ""


def remember(database: Database) -> Remembered:
    """What must not be forgotten of an installation that is about to be replaced."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table(t.receipts.name):
            return Remembered()
        rows = [dict(row._mapping) for row in connection.execute(sa.select(t.receipts))]
        return Remembered(rows, connection.execute(SECRET).scalar_one_or_none() or "")


def carry_over(connection: sa.Connection, former: Remembered) -> None:
    """Put the receipts of the former installation beside those of the backup.

    Raises `Conflict` where the backup's are signed with another key, for then it is of another installation.
    """
    if not former.rows:
        return
    key = connection.execute(SECRET).scalar_one_or_none()
    if key is None and former.key:
        connection.execute(t.agreements.insert().values(name=SIGNING_KEY, value=former.key))
    elif key is not None and key != former.key:
        raise Conflict(
            "The backup is of another installation, and restoring it would forget the receipts of deletions here. Save "
            "them (`./archivar receipts --json`) and restore into an empty data folder."
        )
    there = set(connection.execute(sa.select(t.receipts.c.id)).scalars())
    # The former ones are newer where both are there.
    for row in former.rows:
        if row["id"] in there:
            connection.execute(t.receipts.delete().where(t.receipts.c.id == row["id"]))
        values = {**row, "pending": row["pending"] if row["pending"] is not None else sa.null()}
        connection.execute(t.receipts.insert().values(**values))


def came_back(connection: sa.Connection) -> dict[str, list[Receipt]]:
    """The documents that are there although receipts say that they are gone, each with those receipts."""
    there = set(connection.execute(sa.select(t.documents.c.id)).scalars())
    found: dict[str, list[Receipt]] = {}
    for row in connection.execute(sa.select(t.receipts).order_by(t.receipts.c.deleted_at)):
        receipt = Receipt(row.id, row.body, row.signature, "")
        for document_id in receipt.documents & there - receipt.restored:
            found.setdefault(document_id, []).append(receipt)
    return found


def tell_return(connection: sa.Connection, back: dict[str, list[Receipt]], made_at: str) -> None:
    """Let the receipts say that their documents came back with a backup, and sign them so."""
    secret = connection.execute(SECRET).scalar_one_or_none()
    if secret is None:
        return
    returned: dict[str, list[str]] = {}
    for document_id, receipts in back.items():
        for receipt in receipts:
            returned.setdefault(receipt.id, []).append(document_id)
    bodies = {receipt.id: receipt.body for receipts in back.values() for receipt in receipts}
    for receipt_id, document_ids in returned.items():
        body = dict(bodies[receipt_id])
        told = {"at": datetime.now(UTC).isoformat(), "backup_of": made_at, "documents": sorted(document_ids)}
        body["restored"] = [*body.get("restored", ()), told]
        # There is nothing to look for any more.
        values = {"body": body, "signature": signed(body, secret), "pending": sa.null()}
        connection.execute(t.receipts.update().where(t.receipts.c.id == receipt_id).values(**values))
