"""Embedding through sentence-transformers: on CUDA, and for any model that an operator names."""

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from core.errors import EmbedderMissing
from retrieval.embedders.bundled import NAME, model_folder
from retrieval.embedders.protocol import Report, Vectors

_BATCH = 128
_BLOCK = 1024


class SentenceTransformerEmbedder:
    """An `Embedder` over a sentence-transformers model: `bundled`, a folder, or the name of a downloaded one.

    `device` is `auto`, `cpu` or `cuda`. Thread-safe.
    """

    def __init__(self, model: str, device: str = "auto") -> None:
        bundled = model == "bundled"
        self.name = NAME if bundled else model
        self._source = str(model_folder()) if bundled else model
        self._device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        self._lock = Lock()

    @cached_property
    def _model(self) -> Any:
        try:
            return SentenceTransformer(self._source, device=self._device, local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbedderMissing(
                f"The embedder {self.name!r} cannot be loaded: {error}. Check ARCHIVAR_EMBEDDER and "
                "ARCHIVAR_EMBEDDER_DEVICE, and download the model first where it comes from a hub."
            ) from error

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension())

    def embed(self, texts: Sequence[str], on_progress: Report | None = None) -> Vectors:
        """Unit vectors of shape (n, dimensions); what exceeds the model's window is cut off."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = list(texts[start : start + _BLOCK])
            with self._lock:
                vectors[start : start + len(block)] = self._model.encode(
                    block, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
                )
            if on_progress is not None:
                on_progress(start + len(block), len(texts))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The unit vector of a question, shape (dimensions,)."""
        vector: Vectors = self.embed([text])[0]
        return vector

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, special tokens left out, nothing cut off."""
        encoded = self._model.tokenizer(
            list(texts), add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )
        return [[(start, end) for start, end in spans] for spans in encoded["offset_mapping"]]
