"""A file within a file: parsers open paths, but a parser child may not write files, so that it has only bytes."""

import io
import os
import stat
from pathlib import PosixPath
from typing import Any


class AttachedFile(PosixPath):
    """A path that leads to these bytes and to nothing on any disk; `depth` counts the files around it."""

    data: bytes
    depth: int

    def open(self, *_: Any, **__: Any) -> Any:
        """The bytes as a file, read only."""
        return io.BytesIO(self.data)

    def read_bytes(self) -> bytes:
        """The bytes."""
        return self.data

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Kind and size, and nothing else."""
        return os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, len(self.data), 0, 0, 0))


def attached(name: str, data: bytes, depth: int) -> AttachedFile:
    """A file of this name that is attached to another; its name is never looked up."""
    file = AttachedFile(name.replace("/", "_").replace("\0", "_") or "_")
    file.data, file.depth = data, depth
    return file
