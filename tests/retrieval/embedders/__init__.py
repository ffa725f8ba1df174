"""Tests of retrieval.embedders."""
