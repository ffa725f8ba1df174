"""Whether the stored vectors are vectors: whole rows of one length, each of unit length."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from core.storage.store import Store

# What fp16 and the models themselves make of unit length.
_TOLERANCE = 0.05


def damaged_vectors(store: Store, embedder: str) -> Iterator[str]:
    """Ids of the versions that answer whose vectors of the embedder cannot be what it made."""
    lengths: Counter[int] = Counter()
    seen: list[tuple[str, int]] = []
    for version_id, count in store.vectors.counted(embedder):
        rows = _rows(store.passages.vectors(version_id, embedder) or b"", count)
        if rows is None:
            yield version_id
        elif rows:
            lengths[rows] += 1
            seen.append((version_id, rows))
    usual = lengths.most_common(1)[0][0] if lengths else 0
    yield from (version_id for version_id, length in seen if length != usual)


def _rows(blob: bytes, count: int) -> int | None:
    """How many numbers each row has, 0 without rows; None where these are no unit vectors."""
    if not count:
        return None if blob else 0
    if not blob or len(blob) % (2 * count):
        return None
    norms = np.linalg.norm(np.frombuffer(blob, "<f2").reshape(count, -1).astype(np.float32), axis=1)
    return len(blob) // (2 * count) if bool(np.all(np.abs(norms - 1) < _TOLERANCE)) else None
