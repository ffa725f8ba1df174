"""The only package that reaches the language model: over an OpenAI-compatible interface, or Ollama's own.

Everything that can go wrong out there becomes `ModelUnavailable` with a sentence for people. What to ask is decided in
`llm.prompts`.
"""

from llm.client.model import DEFAULT_WINDOW, ModelClient, Report
from llm.line import Priority

__all__ = ["DEFAULT_WINDOW", "ModelClient", "Priority", "Report"]
