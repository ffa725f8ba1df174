"""Passwords are counted before they are tried."""

import pytest

from core.errors import TooManyRequests
from web.guesses import Guesses


def test_many_at_once_are_no_way_around_the_pause() -> None:
    guesses = Guesses()
    for _ in range(4):
        guesses.count("a")
    guesses.right("a")
    for _ in range(5):
        guesses.count("a")

    for _ in range(2):
        with pytest.raises(TooManyRequests) as refused:
            guesses.count("a")

    assert refused.value.retry_after is not None and 0 < refused.value.retry_after <= 61
    guesses.count("b")
