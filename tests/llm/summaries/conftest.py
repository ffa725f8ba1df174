"""The summary flow over a small library."""

from tests.llm.conftest import embedder, publish_text, services, store

__all__ = ["embedder", "publish_text", "services", "store"]
