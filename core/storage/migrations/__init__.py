"""The migrations and their environment; written by `alembic revision`, read by Alembic only."""
