"""How an attempt at a delivery ended, the same for all channels, and text that does no harm on its way."""

import unicodedata
from dataclasses import dataclass

from core.values import Failure

_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """It arrived, unless there is a reason to try again `later`, or one why it `never` will.

    `received` are the addresses that have it from now on. It is not tried again within `pause` seconds.
    """

    received: tuple[str, ...] = ()
    later: Failure | None = None
    never: Failure | None = None
    pause: float = 0.0


def plain(text: str) -> str:
    """Text on one line, without characters that nobody sees, that end lines, or that turn text around."""
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def quoted(said: str | bytes) -> str:
    """What another machine said, as one short line."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return plain(text)[:_MOST_CHARACTERS]
