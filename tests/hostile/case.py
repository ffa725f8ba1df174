"""What a hostile file is, and what it may try to reach."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

READ = "read"
REFUSED = frozenset({"corrupt", "parser_limit", "empty", "unsupported"})
ANY = REFUSED | {READ}


@dataclass(frozen=True, slots=True)
class Lure:
    """What no file may get at: a server that must see nothing, and a file whose words must not be read."""

    url: str
    secret: Path


@dataclass(frozen=True, slots=True)
class Case:
    """A file by the name that it is uploaded under; `ends` are the ends that reading it may have."""

    name: str
    make: Callable[[Lure], bytes]
    ends: frozenset[str] = ANY


def case(name: str, make: Callable[[Lure], bytes] | bytes, *ends: str) -> Case:
    """A file from its bytes or from what makes them; without `ends` any of them will do."""
    return Case(name, (lambda _: make) if isinstance(make, bytes) else make, frozenset(ends) or ANY)
