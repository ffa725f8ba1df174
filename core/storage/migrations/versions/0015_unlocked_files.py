"""Where the unlocked copy of a file lies that came with a password."""

from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    # Not as a batch: on SQLite that makes the table anew, and with the former one goes all that refers to it.
    op.execute(
        "ALTER TABLE versions ADD COLUMN unlocked_sha256 VARCHAR(64)"
        " CONSTRAINT fk_versions_unlocked_sha256 REFERENCES files (sha256)"
    )
    op.create_index("ix_versions_unlocked_sha256", "versions", ["unlocked_sha256"])
