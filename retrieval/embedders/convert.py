"""Converts the bundled model once into OpenVINO's form; run as `python -m retrieval.embedders.convert`.

The only step that needs torch, transformers and NNCF. Weights are stored in 16 bits, and computed with in bf16 or fp32;
beside them lies a form of the same model in eight bits, for passages (docs/decisions/0032).
"""

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from core.settings import load_settings, quiet_libraries
from retrieval.embedders.bundled import MODEL, QUANTISED, TOKENIZER, WINDOW, converted_folder, model_folder
from retrieval.embedders.runtime import load_openvino

# Texts of our own, one a line, in both languages: the ranges of what flows through the model are taken from them.
_CALIBRATION = Path(__file__).with_name("calibration.txt")
# How far what is hard to quantise is moved from activations to weights (SmoothQuant). Of 0.5 to 0.85 the most exact.
_SMOOTHING = 0.7
# The second half of each feed-forward layer, whose activations suffer most.
_LEFT_EXACT = r".*layer\.\d+\.output\.dense/.*MatMul.*"


def ensure_converted(cache: Path) -> Path:
    """The folder of the converted model, converting now if that has not been done."""
    folder = converted_folder(cache)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            _convert(made)
            _put_in_place(made, folder)
    return folder


def _put_in_place(made: Path, folder: Path) -> None:
    # Complete or not at all: two installers at once both succeed.
    try:
        os.replace(made, folder)  # noqa: PTH105 - Path.replace names the same call less plainly
    except OSError:
        if not folder.exists():
            raise


def _convert(folder: Path) -> None:
    import torch  # noqa: PLC0415 - seconds to import, needed only here
    from transformers import AutoModel  # noqa: PLC0415

    class MeanPooled(torch.nn.Module):
        """The encoder with mean pooling over real tokens and unit length, as its model card says; and its tokens."""

        def __init__(self, encoder: torch.nn.Module) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weights = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2, dim=1), states

    openvino = load_openvino(conversion=True)
    encoder = AutoModel.from_pretrained(model_folder()).eval()
    example = torch.ones(2, 8, dtype=torch.long)
    model = openvino.convert_model(MeanPooled(encoder), example_input={"input_ids": example, "attention_mask": example})
    model.reshape({0: [-1, -1], 1: [-1, -1]})
    openvino.save_model(model, folder / MODEL, compress_to_fp16=True)
    shutil.copyfile(model_folder() / TOKENIZER, folder / TOKENIZER)
    openvino.save_model(_quantised(openvino.Core().read_model(folder / MODEL)), folder / QUANTISED)


def _quantised(model: Any) -> Any:
    import nncf  # noqa: PLC0415 - needed only here

    # It names each operation that it leaves alone.
    logging.getLogger("nncf").setLevel(logging.ERROR)
    tokenizer = Tokenizer.from_file(str(model_folder() / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(WINDOW)

    def inputs(text: str) -> tuple[np.ndarray, np.ndarray]:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        return ids, np.ones_like(ids)

    texts = _CALIBRATION.read_text("utf-8").splitlines()
    return nncf.quantize(
        model,
        nncf.Dataset(texts, inputs),
        subset_size=len(texts),
        preset=nncf.QuantizationPreset.MIXED,
        model_type=nncf.ModelType.TRANSFORMER,
        ignored_scope=nncf.IgnoredScope(patterns=[_LEFT_EXACT]),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(matmul=_SMOOTHING)
        ),
    )


if __name__ == "__main__":
    quiet_libraries()
    sys.stderr.write(f"The embedder is ready in {ensure_converted(load_settings().cache)}\n")
