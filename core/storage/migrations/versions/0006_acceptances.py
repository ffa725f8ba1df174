"""Who accepted the conditions of which model's licence."""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "acceptances",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_acceptances_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "version", name=op.f("pk_acceptances")),
    )
