"""Late interaction: how near each token of a question comes to some token of a passage, from a few bytes per token.

The measure is ColBERT's (O. Khattab and M. Zaharia, SIGIR 2020), here over the tokens of the embedding model itself.
Of a passage's tokens only the signs of random projections are kept (M. Charikar, Similarity Estimation Techniques from
Rounding Algorithms, STOC 2002); a question's tokens are not rounded.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import shake_256

import numpy as np
from numpy.typing import NDArray

BITS = 128
TOKEN_BYTES = BITS // 8
# About a sentence: what answers stands close together.
WINDOW = 24
# Tokens whose signs are written out at a time: all at once, they would drive the model out of the processor's cache.
_PORTION = 512
_SEED = b"late interaction"

Tokens = NDArray[np.float32]


@cache
def _projection(dimensions: int) -> Tokens:
    """Random signs of shape (dimensions, BITS), the same on every machine for ever: stored codes depend on them."""
    random = np.frombuffer(shake_256(_SEED).digest(dimensions * TOKEN_BYTES), np.uint8)
    return np.unpackbits(random).reshape(dimensions, BITS).astype(np.float32) * 2 - 1


def code(tokens: Tokens) -> bytes:
    """The code of a passage from the vectors of its tokens, of shape (tokens, dimensions): 16 bytes for each token."""
    return np.packbits(tokens @ _projection(tokens.shape[1]) > 0, axis=1).tobytes()


def projected(tokens: Tokens) -> Tokens:
    """The tokens of a question, of shape (tokens, dimensions), as `interaction` takes them: (tokens, BITS)."""
    return np.asarray(_unit(tokens) @ _projection(tokens.shape[1]), np.float32)


def interaction(questions: Sequence[Tokens], codes: Sequence[bytes]) -> NDArray[np.float64]:
    """How well each passage, given by its code, answers the question that it answers best; higher is better.

    Shape (passages, 2): by all of its tokens, and by the `WINDOW` neighbouring ones that do it best. Passages without
    tokens get the mean of the others, as do all when there is no question.
    """
    lengths = np.array([len(one) // TOKEN_BYTES for one in codes])
    asked = [tokens for tokens in questions if len(tokens)]
    scores = np.zeros((len(codes), 2))
    held = lengths > 0
    if not asked or not held.any():
        return scores
    products = _products(b"".join(codes), np.concatenate(asked))
    scores[held, 0] = _nearest(products, lengths[held], asked).max(axis=1)
    scores[held, 1] = _nearest_together(products, lengths[held], asked).max(axis=1)
    scores[~held] = scores[held].mean(axis=0)
    return scores


def _products(codes: bytes, asked: Tokens) -> Tokens:
    packed = np.frombuffer(codes, np.uint8).reshape(-1, TOKEN_BYTES)
    products = np.empty((len(packed), len(asked)), np.float32)
    signs = np.empty((_PORTION, TOKEN_BYTES, 8), np.float32)
    for start in range(0, len(packed), _PORTION):
        some = packed[start : start + _PORTION]
        # Many times as fast as by an index in brackets.
        np.take(_signs(), some, axis=0, out=signs[: len(some)], mode="clip")
        np.matmul(signs[: len(some)].reshape(-1, BITS), asked.T, out=products[start : start + _PORTION])
    return products


@cache
def _signs() -> Tokens:
    """Of each byte its bits as signs, of shape (256, 8)."""
    return np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32) * 2 - 1


def closeness(questions: Sequence[Tokens], texts: Sequence[Tokens]) -> NDArray[np.float64]:
    """By all tokens, without rounding: cosines of shape (texts, questions). Neither may be without tokens."""
    lengths = np.array([len(tokens) for tokens in texts])
    asked = [_unit(tokens) for tokens in questions]
    return _nearest(_unit(np.concatenate(texts)) @ np.concatenate(asked).T, lengths, asked)


def _nearest(products: Tokens, lengths: NDArray[np.int64], questions: Sequence[Tokens]) -> NDArray[np.float64]:
    # For each text and question: the mean over the question's tokens of the greatest product with a token of the text.
    # The tokens of the texts stand one after another, and so do those of the questions.
    return _means(np.maximum.reduceat(products, np.cumsum(lengths) - lengths, axis=0), questions)


def _nearest_together(products: Tokens, lengths: NDArray[np.int64], questions: Sequence[Tokens]) -> NDArray[np.float64]:
    # The same where only neighbouring tokens of a text count, and of all such runs the best.
    runs = _means(_greatest_of_runs(products), questions)
    starts = np.cumsum(lengths) - lengths
    found = [
        runs[start : start + length - WINDOW + 1].max(axis=0)
        if length > WINDOW
        else _means(products[start : start + length].max(axis=0, keepdims=True), questions)[0]
        for start, length in zip(starts, lengths, strict=True)
    ]
    return np.stack(found)


def _greatest_of_runs(products: Tokens) -> Tokens:
    # Of each `WINDOW` neighbouring rows the greatest in each column, from those of shorter runs.
    width = 1
    while width < WINDOW:
        step = min(width, WINDOW - width)
        products = np.maximum(products[:-step], products[step:])
        width += step
    return products


def _means(nearest: Tokens, questions: Sequence[Tokens]) -> NDArray[np.float64]:
    ends = np.cumsum([len(one) for one in questions])[:-1]
    return np.stack([part.mean(axis=1) for part in np.split(nearest, ends, axis=1)], axis=1).astype(np.float64)


def _unit(tokens: Tokens) -> Tokens:
    return np.asarray(tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-9), np.float32)
