"""Runs of summaries, their documents, and schedules."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "summary_runs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("schedule_id", sa.String(length=36), nullable=True),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_runs")),
        sa.UniqueConstraint("schedule_id", "due_at", name=op.f("uq_summary_runs_schedule_id_due_at")),
    )
    with op.batch_alter_table("summary_runs") as batch_op:
        batch_op.create_index(batch_op.f("ix_summary_runs_owner"), ["owner"], unique=False)
    op.create_table(
        "summary_items",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["summary_runs.id"], name=op.f("fk_summary_items_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "document_id", name=op.f("pk_summary_items")),
    )
    with op.batch_alter_table("summary_items") as batch_op:
        batch_op.create_index(batch_op.f("ix_summary_items_document_id"), ["document_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("delivery", sa.JSON(), nullable=False),
        sa.Column("catch_up", sa.String(length=8), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    with op.batch_alter_table("schedules") as batch_op:
        batch_op.create_index(batch_op.f("ix_schedules_due"), ["paused", "next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_schedules_owner"), ["owner"], unique=False)
