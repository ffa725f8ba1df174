"""Tests of web.views."""
