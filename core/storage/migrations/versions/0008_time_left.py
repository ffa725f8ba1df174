"""How long a job still takes, and how fast writers are."""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.add_column(sa.Column("seconds_left", sa.Double(), nullable=True))
    op.create_table(
        "paces",
        sa.Column("writer", sa.String(length=200), nullable=False),
        sa.Column("passages", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("writer", name=op.f("pk_paces")),
    )
