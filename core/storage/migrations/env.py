"""Alembic's entry: runs the migrations on the connection that `core.storage.migrate` hands over."""

from alembic import context

from core.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes columns by rebuilding the table
)
context.run_migrations()
