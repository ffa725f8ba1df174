"""Where the unlocked copy of a file lies that came with a password."""

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("versions") as batch_op:
        batch_op.add_column(sa.Column("unlocked_sha256", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(op.f("fk_versions_unlocked_sha256"), "files", ["unlocked_sha256"], ["sha256"])
        batch_op.create_index(op.f("ix_versions_unlocked_sha256"), ["unlocked_sha256"])
