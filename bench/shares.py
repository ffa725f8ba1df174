"""Where the time of a search goes: the parts of the real search path, timed from outside while questions are asked."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import isfunction
from typing import Any

from core.storage.passages import Passages
from retrieval import retriever
from retrieval.catalogue import Catalogue
from retrieval.current import Answering
from retrieval.index.keywords import KeywordReader
from retrieval.index.live import LocalIndex
from retrieval.index.vectors import VectorIndex


def _methods(kind: type) -> list[str]:
    return [name for name, value in vars(kind).items() if isfunction(value) and not name.startswith("_")]


# Both lists are searched at the same time, so these may sum up to more than a search takes.
PARTS: dict[str, list[tuple[Any, str]]] = {
    "embed": [(Answering, "vectors")],
    "dense": [(VectorIndex, "search")],
    "keywords": [(KeywordReader, "search")],
    "follow": [(LocalIndex, "follow")],
    "names": [(Catalogue, name) for name in _methods(Catalogue)],
    "sql": [(Passages, name) for name in _methods(Passages)],
    "ranking": [
        (retriever, name)
        for name, value in vars(retriever).items()
        if isfunction(value) and value.__module__ in {"retrieval.fusion", "retrieval.ranking", "retrieval.questions"}
    ],
}


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Milliseconds that each part has taken so far, filled while the context lasts."""
    spent: dict[str, float] = defaultdict(float)
    originals = [(owner, name, getattr(owner, name)) for calls in PARTS.values() for owner, name in calls]
    for part, calls in PARTS.items():
        for owner, name in calls:
            setattr(owner, name, _timing(getattr(owner, name), part, spent))
    try:
        yield spent
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _timing(call: Callable[..., Any], part: str, spent: dict[str, float]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*arguments, **named)
        finally:
            spent[part] += (time.perf_counter() - began) * 1000

    return run
