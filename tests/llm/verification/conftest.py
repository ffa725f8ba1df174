"""The bundled model, for sentences in other words."""

from tests.retrieval.conftest import embedder

__all__ = ["embedder"]
