"""What an embedding model must offer. The models are modules of their own beside this one."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Report = Callable[[int, int], None]


class Embedder(Protocol):
    """Turns text into unit vectors. Thread-safe."""

    @property
    def name(self) -> str:
        """Identifies model and pooling; vectors of different names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str], on_progress: Report | None = None) -> Vectors:
        """Unit vectors of shape (n, dimensions); what exceeds the model's window is cut off."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """The unit vector of a question, shape (dimensions,)."""
        ...

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, special tokens left out, nothing cut off."""
        ...
