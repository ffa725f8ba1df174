"""Tests of core.storage, on SQLite and on PostgreSQL."""
