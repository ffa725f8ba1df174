"""Seals of excerpts in the moderation log. Rows that are there keep their form and their hashes (decision 0031)."""

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.add_column(sa.Column("form", sa.SmallInteger(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("excerpt_sha256", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("excerpt_salt", sa.String(length=32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("erased_at", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("erased_for", sa.String(length=36), nullable=True))
    kept = sa.text("excerpt != ''")
    op.create_index("ix_decisions_excerpts", "decisions", ["number"], sqlite_where=kept, postgresql_where=kept)
