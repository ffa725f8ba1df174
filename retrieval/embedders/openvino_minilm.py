"""The bundled MiniLM on the CPU through OpenVINO; no torch at run time.

Computes in bf16 where the CPU does, else in fp32 (docs/decisions/0003); both give the same vectors to a cosine of
0.9999, so they share one name.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from core.errors import EmbedderMissing
from retrieval.embedders.bundled import DIMENSIONS, MODEL, NAME, TOKENIZER, WINDOW, converted_folder
from retrieval.embedders.protocol import Report, Vectors
from retrieval.embedders.runtime import load_openvino

# Small batches of nearly equal length waste the least on padding; measured fastest between 1 and 32.
_BATCH = 4
# The unit in which jobs take turns at the processor and progress is reported.
_BLOCK = 64


class OpenVinoMiniLM:
    """An `Embedder`; the model is loaded and compiled when first needed. Thread-safe."""

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, cache: Path) -> None:
        self._folder = converted_folder(cache)
        if not (self._folder / MODEL).exists():
            raise EmbedderMissing("The embedder has not been converted on this machine. Run `make install`.")
        self._lock = Lock()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _queue(self) -> Any:
        openvino = load_openvino()
        core = openvino.Core()
        precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        options = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision}
        compiled = self._folder / "compiled"
        # OpenVINO fails where it cannot write there, even to replace what another kind of processor has left.
        if os.access(compiled if compiled.exists() else self._folder, os.W_OK):
            options["CACHE_DIR"] = str(compiled)
        return openvino.AsyncInferQueue(core.compile_model(self._folder / MODEL, "CPU", options))

    def embed(self, texts: Sequence[str], on_progress: Report | None = None) -> Vectors:
        """Unit vectors of shape (n, 384); tokens beyond the model's 256 are cut off."""
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        by_length = sorted(range(len(texts)), key=lambda i: -len(encoded[i]))
        for start in range(0, len(texts), _BLOCK):
            block = by_length[start : start + _BLOCK]
            with self._lock:
                self._embed_block(block, encoded, vectors)
            if on_progress is not None:
                on_progress(start + len(block), len(texts))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The unit vector of a question, shape (384,)."""
        vector: Vectors = self.embed([text])[0]
        return vector

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, special tokens left out, nothing cut off."""
        return [encoding.offsets for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def _embed_block(self, block: Sequence[int], encoded: Sequence[Encoding], vectors: Vectors) -> None:
        def keep(request: Any, places: Sequence[int]) -> None:
            vectors[list(places)] = request.get_output_tensor().data

        self._queue.set_callback(keep)
        for places, ids, mask in _batches(block, encoded):
            self._queue.start_async({0: ids, 1: mask}, places)
        self._queue.wait_all()


def _batches(
    block: Sequence[int], encoded: Sequence[Encoding]
) -> Iterator[tuple[Sequence[int], NDArray[np.int64], NDArray[np.int64]]]:
    for start in range(0, len(block), _BATCH):
        places = block[start : start + _BATCH]
        rows = [_cut(encoded[i].ids) for i in places]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        yield places, ids, mask


def _cut(ids: list[int]) -> list[int]:
    # The closing special token stays where the model expects it.
    return ids if len(ids) <= WINDOW else [*ids[: WINDOW - 1], ids[-1]]
