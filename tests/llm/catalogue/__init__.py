"""Tests of `llm.catalogue`."""
