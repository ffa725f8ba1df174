"""Writes summaries of whole documents: quoted by what is central, or written by a Llama from all of it.

Jobs, schedules and storage of summaries are in `workers` and `core.storage`.
"""

from llm.summaries.summariser import Estimate, Summariser
from llm.summaries.templates import Template

__all__ = ["Estimate", "Summariser", "Template"]
