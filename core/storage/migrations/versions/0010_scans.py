"""How sure the words of scanned pages are, and where their lines stand."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("pages") as batch_op:
        batch_op.add_column(sa.Column("confidence", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("lines", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("passages") as batch_op:
        batch_op.add_column(sa.Column("confidence", sa.Double(), nullable=True))
