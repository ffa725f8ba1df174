"""Which files the paths on a command line mean, and by which path each is known in its collection."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and its path relative to the folder that was given; a file given by itself goes by its name."""

    file: Path
    path: str


def sources(paths: Sequence[Path]) -> Iterator[Source]:
    """The files in the order of the paths, those of a folder by name.

    In folders, hidden files and links are left out; a link given by itself was meant. What does not exist is given
    back too, so that it can be reported in its place.
    """
    for given in paths:
        if given.is_dir():
            yield from _below(given)
        else:
            yield Source(given, given.name if given.exists() else str(given))


def _below(folder: Path) -> Iterator[Source]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent) / name
            if not name.startswith(".") and not file.is_symlink() and file.is_file():
                yield Source(file, file.relative_to(folder).as_posix())
