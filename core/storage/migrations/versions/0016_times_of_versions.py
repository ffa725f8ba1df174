"""From when to when a version of a document was the one that answers."""

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None

# Of older versions it is known when they had been read, or else when they were uploaded.
_PUBLISHED = """
    UPDATE versions
    SET published_at = COALESCE(
        (SELECT finished_at FROM jobs WHERE jobs.id = versions.job_id AND jobs.state = 'done'), created_at
    )
    WHERE status = 'ready' OR id IN (SELECT current_version_id FROM documents)
"""
_SUPERSEDED = """
    UPDATE versions
    SET superseded_at = (
        SELECT MIN(later.published_at) FROM versions AS later
        WHERE later.document_id = versions.document_id AND later.number > versions.number
    )
    WHERE published_at IS NOT NULL
"""


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("versions") as batch_op:
        batch_op.add_column(sa.Column("published_at", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("superseded_at", sa.Double(), nullable=True))
    op.execute(_PUBLISHED)
    op.execute(_SUPERSEDED)
