"""Tests of the ways in which model servers are spoken to."""
