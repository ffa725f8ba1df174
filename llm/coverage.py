"""How much of one text stands in others, by their terms: for choosing what of a passage to quote."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.terms import stems


def coverage(text: str, texts: Sequence[str], terms_of: Callable[[str], Sequence[str]] = stems) -> NDArray[np.float64]:
    """The share of the terms of `text` that each of the texts has, rare terms weighing more (idf over the texts)."""
    terms = set(terms_of(text))
    owned = [terms.intersection(terms_of(other)) for other in texts]
    frequency = Counter(term for some in owned for term in some)
    weight = {term: math.log(1 + len(texts) / (1 + frequency[term])) for term in terms}
    whole = sum(weight.values()) or 1.0
    return np.array([sum(weight[term] for term in some) / whole for some in owned])
