"""How a version ends that could not be read: as failed, or, where an earlier reading of it still answers, as it was."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.storage import tables as t
from core.values import DocumentStatus, Failure

# The warning of a version whose earlier reading still answers, with the code of the trouble: `not_read_again:CODE`.
NOT_READ_AGAIN = "not_read_again"
# What somebody wanted, or may no longer want, says nothing of the document.
_SAID_ELSEWHERE = frozenset({"cancelled", "forbidden"})


def end_version(
    connection: sa.Connection,
    version: sa.ColumnElement[bool],
    error: Failure,
    warnings: Sequence[str] | None = None,
) -> None:
    """Write down why the version was not read. One that is ready stays ready, with a warning."""
    row = connection.execute(
        sa.select(t.versions.c.id, t.versions.c.status, t.versions.c.warnings).where(version)
    ).first()
    if row is None:
        return
    this = t.versions.update().where(t.versions.c.id == row.id)
    if row.status == DocumentStatus.READY:
        kept = [code for code in row.warnings if not code.startswith(NOT_READ_AGAIN)]
        noted = [] if error.code in _SAID_ELSEWHERE else [f"{NOT_READ_AGAIN}:{error.code}"]
        connection.execute(this.values(warnings=kept + noted))
        return
    needs_password = error.code == DocumentStatus.PASSWORD_REQUIRED
    connection.execute(
        this.values(
            status=DocumentStatus.PASSWORD_REQUIRED if needs_password else DocumentStatus.FAILED,
            warnings=row.warnings if warnings is None else list(warnings),
            error_code=error.code,
            error_message=error.message,
        )
    )
