"""Figures: tables and arithmetic."""
