"""The bundled MiniLM on the CPU through OpenVINO; no torch at run time.

Computes in bf16 where the CPU does, else in fp32 (docs/decisions/0003); both give the same vectors to a cosine of
0.9999, so they share one name. Passages that are stored are computed in eight bits where the CPU is fast at that, to a
cosine of 0.999 (docs/decisions/0032).
"""

import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from core.errors import EmbedderMissing
from retrieval.embedders.bundled import DIMENSIONS, MODEL, NAME, QUANTISED, TOKENIZER, WINDOW, converted_folder
from retrieval.embedders.protocol import Report, TakeTokens, Vectors
from retrieval.embedders.runtime import load_openvino

# Small batches of nearly equal length waste the least on padding; measured fastest between 1 and 32.
_BATCH = 4
# Rows are padded to a multiple of this: OpenVINO prepares each new shape anew, and its kernels work in such steps. Of a
# single question the padding is a good part, and smaller steps cost less than they save.
_STEP, _STEP_ALONE = 16, 8
# The unit in which jobs take turns at the processor and progress is reported.
_BLOCK = 64
# Where Linux says what the CPU can do.
_CPU = Path("/proc/cpuinfo")
# Questions whose vectors are kept; one of the longest has 0.4 MB.
_KEPT = 32
# Which texts, their tokens and which of these count.
_Batch = tuple[Sequence[int], NDArray[np.int64], NDArray[np.int64]]


class OpenVinoMiniLM:
    """An `Embedder`; the model is loaded and compiled when first needed. Thread-safe."""

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, cache: Path) -> None:
        self._folder = converted_folder(cache)
        if not (self._folder / MODEL).exists():
            raise EmbedderMissing("The embedder has not been converted on this machine. Run `make install`.")
        self._lock = Lock()
        self._asked = _Asked()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _exact(self) -> Any:
        return self._compiled(MODEL)

    @cached_property
    def _fast(self) -> Any:
        return self._compiled(QUANTISED) if _gains_by_bytes() else self._exact

    def _compiled(self, model: str) -> Any:
        openvino = load_openvino()
        core = openvino.Core()
        precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        options = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "INFERENCE_PRECISION_HINT": precision,
            # Tied to a core, a stream waits behind whatever runs there: keywords, other searches, other processes.
            "ENABLE_CPU_PINNING": False,
        }
        compiled = self._folder / "compiled"
        # OpenVINO fails where it cannot write there, even to replace what another kind of processor has left.
        if os.access(compiled if compiled.exists() else self._folder, os.W_OK):
            options["CACHE_DIR"] = str(compiled)
        return openvino.AsyncInferQueue(core.compile_model(self._folder / model, "CPU", options))

    def embed_passages(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of shape (n, 384); tokens beyond the model's 256 are cut off."""
        return self._embed(texts, _BATCH, None, take_tokens)

    def embed_library(
        self, texts: Sequence[str], on_progress: Report | None = None, take_tokens: TakeTokens | None = None
    ) -> Vectors:
        """The same; where the CPU gains by eight bits, a quarter faster, to a cosine of 0.999."""
        return self._embed(texts, _BATCH, on_progress, take_tokens, is_fast=True)

    def embed_queries(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of shape (n, 384): this model makes no difference between questions and passages.

        What was asked a moment ago is not computed again: moderation, search and quotation ask for the same.
        """
        known = {text: self._asked.get(text) for text in texts}
        new = [text for text, found in known.items() if found is None]
        tokens: dict[int, Vectors] = {}
        # Each in a batch of its own, so that a few are spread over the cores.
        vectors = self._embed(new, 1, None, lambda place, states: tokens.update({place: states.copy()}))
        made = {text: (vectors[place], tokens[place]) for place, text in enumerate(new)}
        self._asked.keep(made)
        found = [known[text] or made[text] for text in texts]
        if take_tokens is not None:
            for place, (_, states) in enumerate(found):
                take_tokens(place, states)
        return np.array([vector for vector, _ in found], np.float32).reshape(len(texts), DIMENSIONS)

    def _embed(
        self,
        texts: Sequence[str],
        batch: int,
        on_progress: Report | None,
        take_tokens: TakeTokens | None,
        *,
        is_fast: bool = False,
    ) -> Vectors:
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        by_length = sorted(range(len(texts)), key=lambda i: -len(encoded[i]))
        for start in range(0, len(texts), _BLOCK):
            block = by_length[start : start + _BLOCK]
            with self._lock:
                queue = self._fast if is_fast else self._exact
                _embed_block(queue, _batches(block, encoded, batch), vectors, take_tokens)
            if on_progress is not None:
                on_progress(start + len(block), len(texts))
        return vectors

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, special tokens left out, nothing cut off."""
        return [encoding.offsets for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def _embed_block(queue: Any, batches: Iterable[_Batch], vectors: Vectors, take_tokens: TakeTokens | None) -> None:
    def keep(request: Any, batch: tuple[Sequence[int], Sequence[int]]) -> None:
        places, lengths = batch
        vectors[list(places)] = request.get_output_tensor(0).data
        if take_tokens is not None:
            states = request.get_output_tensor(1).data
            for row, (place, length) in enumerate(zip(places, lengths, strict=True)):
                take_tokens(place, states[row, 1 : length - 1])  # without the special ones at both ends

    queue.set_callback(keep)
    for places, ids, mask in batches:
        queue.start_async({0: ids, 1: mask}, (places, mask.sum(axis=1).tolist()))
    queue.wait_all()


class _Asked:
    """The vectors of the latest questions, each with those of its tokens. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[Vectors, Vectors]] = OrderedDict()

    def get(self, text: str) -> tuple[Vectors, Vectors] | None:
        """Of a question, if it is among the latest."""
        with self._lock:
            return self._kept.get(text)

    def keep(self, made: Mapping[str, tuple[Vectors, Vectors]]) -> None:
        """Keep them, and forget the oldest."""
        with self._lock:
            self._kept.update(made)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def _batches(block: Sequence[int], encoded: Sequence[Encoding], size: int) -> Iterator[_Batch]:
    for start in range(0, len(block), size):
        places = block[start : start + size]
        rows = [_cut(encoded[i].ids) for i in places]
        step = _STEP if size > 1 else _STEP_ALONE
        longest = max(map(len, rows))
        ids = np.zeros((len(rows), longest + -longest % step), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        yield places, ids, mask


def _cut(ids: list[int]) -> list[int]:
    # The closing special token stays where the model expects it.
    return ids if len(ids) <= WINDOW else [*ids[: WINDOW - 1], ids[-1]]


def _gains_by_bytes() -> bool:
    """Whether the CPU is faster with eight bits: it has instructions for them (VNNI), and no tiles of bf16 (AMX)."""
    try:
        flags = _CPU.read_text()
    except OSError:
        return False
    return re.search(r"\b(?:avx512_vnni|avx_vnni)\b", flags) is not None and "amx_bf16" not in flags
