"""Stands for the step of this number on another branch; the merge takes that one and drops this file."""

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing to do."""
