"""Tests of `llm.verification`."""
