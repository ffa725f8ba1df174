"""How many words of each page were left out because nobody sees them."""

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("pages") as batch_op:
        batch_op.add_column(sa.Column("hidden", sa.Integer(), nullable=False, server_default="0"))
