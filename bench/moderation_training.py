"""Fits the moderation scorer: logistic regressions over the features of `llm/moderation/detectors/features.py`.

All features are linear in the end, but far more than texts; the fit therefore goes through the texts' inner products
and its weights are brought back to the features afterwards, which gives the same weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from llm.moderation.detectors import features

# What OpenAI's labels mean here. `log` has no category of its own (harassment) and counts for `any` alone.
HEADS: Mapping[str, tuple[str, ...]] = {
    "any": ("S", "H", "V", "HR", "SH", "S3", "H2", "V2"),
    "S12": ("S",),
    "S10": ("H", "H2"),
    "S1": ("V", "V2"),
    "S11": ("SH",),
    "S4": ("S3",),
    "log": ("HR",),
}
NAMES = tuple(HEADS)
UNKNOWN = -1
_LANDMARKS = 64
_THEME_WEIGHT = 0.1
_STRENGTH = 3.0
_ROUNDS = 25
# Added to the inner products of landmarks, so that nearly equal ones do not blow up.
_RIDGE = 1e-3

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Texts with their vectors, labels (of each head: 1, 0 or unknown), weights, and group: which stay together."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]
    weights: Floats
    groups: NDArray[np.int64]

    def take(self, chosen: NDArray[np.int64]) -> "Rows":
        """Some of them."""
        texts = [self.texts[i] for i in chosen]
        return Rows(texts, self.vectors[chosen], self.labels[chosen], self.weights[chosen], self.groups[chosen])


@dataclass(frozen=True)
class Weights:
    """A fitted scorer in full precision; each head has a column."""

    rarity: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    of_pieces: Floats
    of_themes: Floats
    of_nearness: Floats
    constant: Floats

    def decisions(self, seen: "Seen") -> Floats:
        """Raw scores of each head, shape (n, heads); 0 is undecided."""
        scores = _pieces(seen, self.rarity) @ self.of_pieces + seen.themes @ self.of_themes + self.constant
        if len(self.landmarks):
            scores = scores + _nearness(seen, self.landmarks) @ self.of_nearness
        return np.asarray(scores)


@dataclass(frozen=True)
class Seen:
    """What is computed of texts once, whichever of them then train."""

    pieces: Sequence[features.Pieces]
    themes: Floats
    vectors: NDArray[np.float32]

    def take(self, chosen: NDArray[np.int64]) -> "Seen":
        """Some of them."""
        return Seen([self.pieces[i] for i in chosen], self.themes[chosen], self.vectors[chosen])


def see(rows: Rows) -> Seen:
    """The features that do not depend on what else trains."""
    plain = [features.folded(text) for text in rows.texts]
    texts = [(features.Text(text), features.FROM_START, len(text)) for text in plain]
    themes = np.concatenate([text.themes(starts, length) for text, starts, length in texts], dtype=np.float64)
    return Seen([text.pieces(starts, length) for text, starts, length in texts], themes, rows.vectors)


def fit(rows: Rows, seen: Seen, *, with_vectors: bool) -> Weights:
    """A scorer of these rows alone."""
    rarity = _rarity(seen.pieces)
    landmarks = _landmarks(rows.vectors) if with_vectors else np.zeros((0, rows.vectors.shape[1]), np.float32)
    pieces = _pieces(seen, rarity)
    mean, spread = seen.themes.mean(0), seen.themes.std(0) + 1e-3
    themes = (seen.themes - mean) / spread * np.sqrt(_THEME_WEIGHT / features.THEME_FEATURES)
    parts: list[Floats] = [themes]
    if with_vectors:
        whitening = _whitening(landmarks)
        parts.append(_nearness(seen, landmarks) @ whitening)
    dense = np.hstack(parts)
    products = (pieces @ pieces.T).toarray() + dense @ dense.T
    values, axes = np.linalg.eigh(products)
    kept = values > 1e-8 * values.max()
    places = axes[:, kept] * np.sqrt(values[kept])
    back = axes[:, kept] / np.sqrt(values[kept])
    heads = [_head(places, rows.labels[:, head], rows.weights) for head in range(len(NAMES))]
    of_texts = back @ np.array([weights for weights, _constant in heads]).T
    of_dense = dense.T @ of_texts
    scale = np.sqrt(_THEME_WEIGHT / features.THEME_FEATURES) / spread
    of_themes = of_dense[: themes.shape[1]] * scale[:, None]
    constant = np.array([constant for _weights, constant in heads]) - mean @ of_themes
    return Weights(
        rarity=rarity,
        landmarks=landmarks,
        of_pieces=np.asarray(pieces.T @ of_texts),
        of_themes=of_themes,
        of_nearness=whitening @ of_dense[themes.shape[1] :] if with_vectors else np.zeros((0, len(NAMES))),
        constant=constant,
    )


def _head(places: Floats, labels: NDArray[np.int64], weights: Floats) -> tuple[Floats, float]:
    known = labels != UNKNOWN
    positive = labels[known] == 1
    # Both sides weigh the same, however rare one is.
    sides = np.where(positive, 1 / weights[known][positive].sum(), 1 / weights[known][~positive].sum())
    model = LogisticRegression(C=_STRENGTH, max_iter=2000)
    model.fit(places[known], positive, sample_weight=weights[known] * sides * weights[known].sum() / 2)
    return model.coef_[0], float(model.intercept_[0])


def _rarity(found: Sequence[features.Pieces]) -> NDArray[np.float32]:
    occurs = np.zeros(features.BUCKETS)
    for pieces in found:
        occurs[pieces.buckets] += 1
    rarity = np.log((1 + len(found)) / (1 + occurs)) + 1
    # What occurs once teaches nothing that carries over.
    rarity[occurs < 2] = 0
    return rarity.astype(np.float32)


def _pieces(seen: Seen, rarity: NDArray[np.float32]) -> sparse.csr_matrix:
    values = [features.weighed(pieces, rarity) for pieces in seen.pieces]
    starts = np.concatenate([[0], np.cumsum([len(value) for value in values])])
    buckets = np.concatenate([pieces.buckets for pieces in seen.pieces])
    return sparse.csr_matrix(
        (np.concatenate(values), buckets, starts), shape=(len(values), features.BUCKETS), dtype=np.float64
    )


def _nearness(seen: Seen, landmarks: NDArray[np.float32]) -> Floats:
    return np.array([features.nearness(vector, landmarks) for vector in seen.vectors], np.float64)


def _landmarks(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Middles of as many groups of near vectors (k-means)."""
    rng = np.random.default_rng(0)
    middles = vectors[rng.choice(len(vectors), _LANDMARKS, replace=False)]
    for _ in range(_ROUNDS):
        nearest = np.argmin((middles**2).sum(1) - 2 * vectors @ middles.T, axis=1)
        middles = np.array(
            [vectors[nearest == i].mean(0) if (nearest == i).any() else middles[i] for i in range(_LANDMARKS)]
        )
    return middles.astype(np.float32)


def _whitening(landmarks: NDArray[np.float32]) -> Floats:
    """Turns nearness into places whose inner products are those of the Gaussian kernel (Nyström)."""
    products = np.array([features.nearness(middle, landmarks) for middle in landmarks], np.float64)
    # `nearness` expects unit vectors; the middles are shorter.
    products *= np.exp(1 - (landmarks.astype(np.float64) ** 2).sum(1))[:, None]
    values, axes = np.linalg.eigh((products + products.T) / 2 + _RIDGE * np.eye(len(landmarks)))
    return np.asarray(axes / np.sqrt(np.maximum(values, _RIDGE)))
