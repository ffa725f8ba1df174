"""What an embedding model must offer. The models are modules of their own beside this one."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Report = Callable[[int, int], None]
# Takes the place of a text among those given, and the vectors of its tokens, of shape (tokens, n). Called in any order.
TakeTokens = Callable[[int, Vectors], None]


class Embedder(Protocol):
    """Turns text into unit vectors. Thread-safe."""

    @property
    def name(self) -> str:
        """Identifies model, prefixes and pooling; vectors of different names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed_passages(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of what is searched, shape (n, dimensions); what exceeds the model's window is cut off.

        `take_tokens` is given the tokens of each text, special ones left out, where the model has any.
        """
        ...

    def embed_library(
        self, texts: Sequence[str], on_progress: Report | None = None, take_tokens: TakeTokens | None = None
    ) -> Vectors:
        """The same of passages that are stored, of which there are many: as fast as can be, if less exact."""
        ...

    def embed_queries(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of what is asked, shape (n, dimensions); many models put the two in different words."""
        ...

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, special tokens left out, nothing cut off."""
        ...
