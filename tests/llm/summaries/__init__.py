"""Summaries: quoted, written, merged."""
