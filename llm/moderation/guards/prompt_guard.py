"""Prompt Guard 2: a small classifier on this machine that knows attempts to turn a model against its instructions."""

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from llm.moderation.findings import GuardFault, Opinion

# What the libraries make of files that are missing or not what they should be.
_CANNOT_LOAD = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError)
_WINDOW = 512
# An attempt that one window cuts through stands whole in the next.
_OVERLAP = 64
_BATCH = 8
_BENIGN = ("benign", "label_0")
_SHOWN_CHARS = 60


class PromptGuard:
    """A `Guard` over a folder with a sequence classifier, loaded when first needed. Thread-safe.

    It judges what people ask. Of answers it says nothing, for which it was not made.
    """

    def __init__(self, folder: Path, patience: Callable[[], float]) -> None:
        """`patience` gives the seconds that an opinion may take, loading aside."""
        self._folder = folder
        self._patience = patience
        self._loading = Lock()

    @property
    def name(self) -> str:
        """The kind, and the folder's last part."""
        return f"Prompt Guard ({self._folder.resolve().name[:_SHOWN_CHARS]})"

    def judge(self, question: str, answer: str | None) -> Opinion:
        """How probably the question is such an attempt, by its worst window. Raises `GuardFault`."""
        if answer is not None:
            return Opinion(0.0)
        import torch  # noqa: PLC0415 - searching must not load it

        with self._loading:
            tokenizer, model, benign = self._loaded
        end = time.monotonic() + self._patience()
        window = min(_WINDOW, model.config.max_position_embeddings)
        told = tokenizer(
            question,
            truncation=True,
            max_length=window,
            stride=min(_OVERLAP, window // 4),
            return_overflowing_tokens=True,
            padding=True,
            return_tensors="pt",
        )
        rows = {name: told[name] for name in ("input_ids", "attention_mask")}
        worst = 0.0
        for start in range(0, len(rows["input_ids"]), _BATCH):
            if time.monotonic() > end:
                raise GuardFault("The guard took too long for a text of this length.", "slow")
            with torch.inference_mode():
                logits = model(**{name: row[start : start + _BATCH] for name, row in rows.items()}).logits
            worst = max(worst, float((1 - logits.float().softmax(-1)[:, benign]).max()))
        return Opinion(worst)

    @cached_property
    def _loaded(self) -> tuple[Any, Any, int]:
        """Tokenizer, model, and the number of the label that means harmless."""
        from safetensors import SafetensorError  # noqa: PLC0415
        from transformers import AutoModelForSequenceClassification, AutoTokenizer  # noqa: PLC0415
        from transformers.utils import logging  # noqa: PLC0415

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no types
        try:
            tokenizer = AutoTokenizer.from_pretrained(str(self._folder), local_files_only=True)
            model = AutoModelForSequenceClassification.from_pretrained(
                str(self._folder), local_files_only=True, use_safetensors=True
            )
        except (*_CANNOT_LOAD, SafetensorError) as error:
            raise GuardFault(f"The guard cannot be loaded: {type(error).__name__}.", "broken") from error
        labels = {str(label).lower(): number for number, label in model.config.id2label.items()}
        benign = next((labels[label] for label in _BENIGN if label in labels), None)
        if benign is None:
            raise GuardFault("The guard has no label that means harmless: it is no Prompt Guard.", "broken")
        return tokenizer, model.eval(), benign
