"""Which files the paths on a command line mean, and by which path each is known in its collection."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and its path relative to the folder that was given; a file given by itself goes by its name.

    With an `error`, a folder whose files nobody can list.
    """

    file: Path
    path: str
    error: OSError | None = None


def sources(paths: Sequence[Path], leave_out: Collection[Path] = ()) -> Iterator[Source]:
    """The files in the order of the paths, those of a folder by name.

    In folders, hidden files and links are left out, and so is what lies in a folder of `leave_out`; a link given by
    itself was meant. What does not exist, and folders that cannot be read, are given back too, so that they can be
    reported in their place.
    """
    avoided = {folder.resolve() for folder in leave_out}
    for given in paths:
        if given.is_dir():
            yield from _below(given, avoided)
        else:
            yield Source(given, given.name if given.exists() else str(given))


def _below(folder: Path, avoided: Collection[Path]) -> Iterator[Source]:
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (here / name).resolve() not in avoided
        )
        for name in sorted(names):
            file = here / name
            if not name.startswith(".") and not file.is_symlink() and file.is_file():
                yield Source(file, file.relative_to(folder).as_posix())
    for error in closed:
        there = Path(error.filename)
        yield Source(there, there.relative_to(folder).as_posix() if there != folder else str(folder), error)
