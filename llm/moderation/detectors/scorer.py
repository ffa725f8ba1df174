"""The linear scorer: from the features of a text to a probability for each category.

`bench/train_moderation.py` trains it. It scores texts of up to about a page; `basic` cuts longer ones into windows.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from llm.moderation.detectors import features

WEIGHTS = Path(__file__).parent / "weights" / "scorer.json"
# Weight of the likeliest category beside the head that is about anything.
_LIKELIEST = 0.5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Score:
    """Probabilities: that anything is wrong, and of each category."""

    anything: float
    categories: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """One set of weights; each head has a column. Without landmarks it needs no vector."""

    rarity: Floats
    landmarks: Floats
    of_pieces: Floats
    of_themes: Floats
    of_nearness: Floats
    constant: Floats
    slopes: Floats
    offsets: Floats


@dataclass(frozen=True, slots=True)
class Scorer:
    """Immutable, so safe to share between threads."""

    version: str
    heads: tuple[str, ...]
    with_vector: Part
    without_vector: Part
    thresholds: Mapping[str, float]

    def worst(self, text: features.Text, starts: features.Ints, length: int, vector: Floats | None = None) -> Score:
        """The highest probabilities among parts of a folded text, all of a length; `vector` is of each of them."""
        part = self.without_vector if vector is None else self.with_vector
        pieces = text.pieces(starts, length)
        values = features.weighed(pieces, part.rarity)
        raw = text.themes(starts, length) @ part.of_themes + part.constant
        begin = 0
        for row, end in enumerate(pieces.ends):
            raw[row] += values[begin:end] @ part.of_pieces[pieces.buckets[begin:end]]
            begin = end
        if vector is not None:
            raw = raw + features.nearness(vector.astype(np.float32, copy=False), part.landmarks) @ part.of_nearness
        raw[:, 0] = combined(raw)
        odds = np.clip(raw * part.slopes + part.offsets, -30, 30).max(axis=0)
        chances = 1 / (1 + np.exp(-odds))
        named = {head: float(chance) for head, chance in zip(self.heads, chances, strict=True)}
        return Score(named.pop("any"), {head: chance for head, chance in named.items() if head.startswith("S")})


def combined(raw: NDArray[Any]) -> Any:
    """Whether anything is wrong, of raw scores with heads along the last axis, the first of which is about anything."""
    return raw[..., 0] + _LIKELIEST * raw[..., 1:].max(axis=-1)


def load(path: Path = WEIGHTS) -> Scorer:
    """The scorer in a file. Raises `Unavailable` when it is not one that this program can use."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["features"] != features.VERSION:
            raise Unavailable(f"The moderation scorer in {path.name} was trained for other features. Train it again.")
        heads = tuple(stored["heads"])
        return Scorer(
            version=str(stored["version"]),
            heads=heads,
            with_vector=_part(stored["with_vector"], len(heads)),
            without_vector=_part(stored["without_vector"], len(heads)),
            thresholds={str(name): float(value) for name, value in stored["thresholds"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"The moderation scorer in {path.name} cannot be read. Install Archivar again.") from error


def packed(weights: NDArray[Any]) -> dict[str, Any]:
    """A matrix as JSON: each column in steps of 1/127 of its largest weight."""
    steps = np.maximum(np.abs(weights).max(axis=0), 1e-12) / 127 if weights.size else np.ones(weights.shape[1])
    small = np.rint(weights / steps).astype(np.int8)
    return {
        "shape": list(weights.shape),
        "steps": [float(f"{step:.6g}") for step in steps],
        "int8": base64.b64encode(small.tobytes()).decode(),
    }


def unpacked(stored: Mapping[str, Any]) -> Floats:
    """The matrix again."""
    small = np.frombuffer(base64.b64decode(stored["int8"]), np.int8).reshape(stored["shape"])
    return small.astype(np.float32) * np.array(stored["steps"], np.float32)


def _part(stored: Mapping[str, Any], heads: int) -> Part:
    part = Part(
        rarity=unpacked(stored["rarity"])[:, 0],
        landmarks=unpacked(stored["landmarks"]),
        of_pieces=unpacked(stored["of_pieces"]),
        of_themes=unpacked(stored["of_themes"]),
        of_nearness=unpacked(stored["of_nearness"]),
        constant=np.array(stored["constant"], np.float32),
        slopes=np.array(stored["slopes"], np.float32),
        offsets=np.array(stored["offsets"], np.float32),
    )
    shapes = (part.of_pieces.shape, part.of_themes.shape, part.constant.shape, part.of_nearness.shape)
    wanted = ((features.BUCKETS, heads), (features.THEME_FEATURES, heads), (heads,), (len(part.landmarks), heads))
    if shapes != wanted:
        raise ValueError(f"shapes {shapes}, not {wanted}")
    return part
