"""Marks of passages, none where nobody has looked yet; what waits in quarantine, and what was released."""

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("passages") as batch_op:
        batch_op.add_column(sa.Column("marks", sa.JSON(), nullable=True))
    with op.batch_alter_table("versions") as batch_op:
        batch_op.add_column(sa.Column("held", sa.JSON(), nullable=True))
    op.create_table(
        "releases",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("released_at", sa.Double(), nullable=False),
        sa.Column("released_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_releases_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "sha256", name=op.f("pk_releases")),
    )
