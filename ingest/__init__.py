"""Bytes to pages, pages to clean text, text to passages. Hostile files are read in confined child processes.

Nothing here stores, embeds or ranks anything.
"""
