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
    unit = tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-9)
    return np.asarray(unit @ _projection(tokens.shape[1]), np.float32)


def interaction(questions: Sequence[Tokens], codes: Sequence[bytes]) -> NDArray[np.float64]:
    """How well each passage, given by its code, answers the question that it answers best; higher is better.

    That is the mean over the question's tokens of the greatest product with a token of the passage. Passages without
    tokens get the mean of the others, as do all when there is no question.
    """
    lengths = np.array([len(one) // TOKEN_BYTES for one in codes])
    asked = [tokens for tokens in questions if len(tokens)]
    scores = np.zeros(len(codes))
    held = lengths > 0
    if not asked or not held.any():
        return scores
    packed = np.frombuffer(b"".join(codes), np.uint8).reshape(-1, TOKEN_BYTES)
    signs = np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1
    products = signs @ np.concatenate(asked).T
    starts = np.cumsum(lengths[held]) - lengths[held]
    nearest = np.maximum.reduceat(products, starts, axis=0)
    ends = np.cumsum([len(tokens) for tokens in asked])[:-1]
    scores[held] = np.max([part.mean(axis=1) for part in np.split(nearest, ends, axis=1)], axis=0)
    scores[~held] = scores[held].mean()
    return scores
