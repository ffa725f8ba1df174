"""Embedding through sentence-transformers: on CUDA, and for any model that an operator names."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers.utils import logging as transformers_logging

from core.errors import EmbedderMissing
from core.storage.agreements import Recipe
from retrieval.embedders.bundled import model_folder
from retrieval.embedders.protocol import Report, TakeTokens, Vectors

# What the libraries make of files that are missing or not what they should be.
_CANNOT_LOAD = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError, SafetensorError)
_BATCH = 128
_BLOCK = 1024
# What stands for tokens where a model does not tell them by characters: pieces shorter than most of its own.
_PIECE = re.compile(r"\w{1,4}|[^\w\s]")


class SentenceTransformerEmbedder:
    """An `Embedder` over a recipe and the folder with its files; None means those of the bundled model.

    `device` is `auto`, `cpu` or `cuda`. The model is loaded when first needed. Thread-safe.
    """

    def __init__(self, recipe: Recipe, folder: Path | None, device: str = "auto") -> None:
        self.name = recipe.name
        self._recipe = recipe
        self._folder = folder or model_folder()
        self._device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        self._loading = Lock()
        self._lock = Lock()

    @cached_property
    def _loaded(self) -> Any:
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no types
        try:
            if self._recipe.pooling == "auto":
                return SentenceTransformer(str(self._folder), device=self._device, local_files_only=True)
            words = Transformer(str(self._folder), model_kwargs={"local_files_only": True})
            pooling = Pooling(words.get_embedding_dimension(), self._recipe.pooling)
            return SentenceTransformer(modules=[words, pooling], device=self._device)
        except _CANNOT_LOAD as error:
            raise EmbedderMissing(
                f"The embedder {self.name} cannot be loaded: {error}. Check ARCHIVAR_EMBEDDER and "
                "ARCHIVAR_EMBEDDER_DEVICE; its files may be incomplete, or need code of their own, which is not run."
            ) from error

    @property
    def _model(self) -> Any:
        with self._loading:
            return self._loaded

    @cached_property
    def dimensions(self) -> int:
        """Length of a vector."""
        told = self._model.get_embedding_dimension()
        return int(told or self._model.encode(["length"]).shape[1])

    def embed_passages(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of shape (n, dimensions); what exceeds the model's window is cut off."""
        return self.embed_library(texts, None, take_tokens)

    def embed_library(
        self, texts: Sequence[str], on_progress: Report | None = None, take_tokens: TakeTokens | None = None
    ) -> Vectors:
        """The same: this model has one form."""
        encode = partial(self._model.encode_document, prompt=self._recipe.passage_prefix)
        return self._embed(encode, texts, on_progress, take_tokens)

    def embed_queries(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of questions or parts of them, shape (n, dimensions)."""
        encode = partial(self._model.encode_query, prompt=self._recipe.query_prefix)
        return self._embed(encode, texts, None, take_tokens)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, special tokens left out, nothing cut off."""
        tokenizer: Any = getattr(self._model, "tokenizer", None)
        if getattr(tokenizer, "is_fast", False):
            encoded = tokenizer(
                list(texts), add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
            )
            return [[(start, end) for start, end in spans] for spans in encoded["offset_mapping"]]
        return [[match.span() for match in _PIECE.finditer(text)] for text in texts]

    def _embed(
        self,
        encode: Callable[..., Any],
        texts: Sequence[str],
        on_progress: Report | None,
        take_tokens: TakeTokens | None,
    ) -> Vectors:
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = list(texts[start : start + _BLOCK])
            with self._lock:
                # Everything that the modules made of each text, or its vector alone.
                made = encode(
                    block,
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    output_value="sentence_embedding" if take_tokens is None else None,
                )
            if take_tokens is not None:
                made = self._apart(made, start, take_tokens)
            vectors[start : start + len(block)] = made
            if on_progress is not None:
                on_progress(start + len(block), len(texts))
        return vectors

    def _apart(self, made: Sequence[dict[str, Any]], start: int, take_tokens: TakeTokens) -> Vectors:
        """The vectors of texts; their tokens are handed over, special ones left out."""
        special = torch.tensor(getattr(getattr(self._model, "tokenizer", None), "all_special_ids", []))
        for place, features in enumerate(made, start):
            if "token_embeddings" in features and "input_ids" in features:
                ids, mask = features["input_ids"].cpu(), features["attention_mask"].cpu().bool()
                plain = mask & ~torch.isin(ids, special)
                take_tokens(place, features["token_embeddings"].float().cpu()[plain].numpy())
        rows = torch.stack([features["sentence_embedding"] for features in made]).float()
        unit: Vectors = torch.nn.functional.normalize(rows, dim=1).cpu().numpy()
        return unit
