"""Tests of `llm.moderation`."""
