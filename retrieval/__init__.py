"""Passages become vectors and keywords, and questions become ranked hits within the rights of who asks.

Nothing here reads files or writes answers.
"""
