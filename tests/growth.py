"""How the cost of a function grows with the length of a text, for tests that a hostile text cannot make it explode."""

import time
from collections.abc import Callable

_SHORT, _LONG = 25_000, 100_000  # characters
_ROUNDS = 3


def growth(function: Callable[[str], object], text: str) -> float:
    """Processor time for four times as much of the repeated `text`, as a multiple: 4 when linear, 16 when quadratic.

    Both are measured in turns and the best of each counts, so that it says the same on a slow and on a busy machine.
    """
    short, long = ((text * length)[:length] for length in (_SHORT, _LONG))
    pairs = [(_seconds(function, short), _seconds(function, long)) for _ in range(_ROUNDS)]
    return min(pair[1] for pair in pairs) / min(pair[0] for pair in pairs)


def _seconds(function: Callable[[str], object], text: str) -> float:
    started = time.thread_time()
    function(text)
    return time.thread_time() - started
