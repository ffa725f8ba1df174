"""Tests of web, on real parts."""
