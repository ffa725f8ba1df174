"""The form of a backup on disk: a tar of plain files whose names are known beforehand, and nothing else.

It is read strictly: extensions of the format, links, sparse files, paths, and whatever else a reader of any tar would
have to take care of, are refused. What the files mean is in `backup` and `restore`.
"""

import hashlib
import os
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import InvalidRequest

HEADER, MANIFEST = "backup.json", "manifest.json"
_NAME = re.compile(r"backup\.json|manifest\.json|tables/[a-z_]{1,40}/[0-9]{6}\.jsonl|files/[0-9a-f]{2}/[0-9a-f]{62}")
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(_BLOCK)
_COPY_BYTES = 1024 * 1024


class NotABackup(InvalidRequest):
    """The file is not a backup, or not a whole one; nothing of it was used."""

    code, title = "not_a_backup", "Not a backup"


class ArchiveWriter:
    """Writes into a new file that only its owner may read. Use it as a context; `close` makes it durable."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._stream: IO[bytes] = os.fdopen(descriptor, "wb")
        self._before = 0

    def __enter__(self) -> "ArchiveWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, name: str, source: IO[bytes], size: int) -> str:
        """Append a file; the SHA-256 of what was written. `take_back` undoes it."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._before = self._stream.tell()
        self._stream.write(info.tobuf(tarfile.GNU_FORMAT))
        digest = hashlib.sha256()
        left = size
        while left and (data := source.read(min(left, _COPY_BYTES))):
            self._stream.write(data)
            digest.update(data)
            left -= len(data)
        self._stream.write(bytes(left + -size % _BLOCK))
        return digest.hexdigest() if not left else ""

    def take_back(self) -> None:
        """Undo the last `add`, of which something was wrong."""
        self._stream.seek(self._before)
        self._stream.truncate()

    def close(self) -> int:
        """End the archive and make it durable; its size."""
        self._stream.write(_END * 2)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self._stream.tell()


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive; read its `chunks` before the next one is asked for."""

    name: str
    size: int
    stream: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """The bytes in portions. Raises `NotABackup` where the archive ends in the midst of them."""
        left = self.size
        while left:
            data = self.stream.read(min(left, _COPY_BYTES))
            if not data:
                raise cut_off()
            left -= len(data)
            yield data

    def whole(self, most: int) -> bytes:
        """All bytes of a small file. Raises `NotABackup` for more than `most`."""
        if self.size > most:
            raise NotABackup(f"This is not a backup that can be used: {self.name} is larger than it may be.")
        return b"".join(self.chunks())


def members(path: Path) -> Iterator[Member]:
    """The files of an archive, in their order. Raises `NotABackup` at the first thing that does not belong there."""
    seen: set[str] = set()
    with path.open("rb") as stream:
        while (block := stream.read(_BLOCK)) != _END:
            member = _member(block, stream)
            if member.name in seen:
                raise NotABackup(f"This is not a backup that can be used: {member.name} is in it twice.")
            seen.add(member.name)
            begins = stream.tell()
            yield member
            stream.seek(begins + member.size + -member.size % _BLOCK)


def _member(block: bytes, stream: IO[bytes]) -> Member:
    if len(block) < _BLOCK:
        raise cut_off()
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, ValueError) as error:
        raise NotABackup("This file is not a backup of Archivar, or it is damaged.") from error
    if info.type != tarfile.REGTYPE or not _NAME.fullmatch(info.name) or info.size < 0:
        raise NotABackup(f"This is not a backup of Archivar: {info.name[:100]!r} does not belong in one.")
    return Member(info.name, info.size, stream)


def cut_off() -> NotABackup:
    """The error for an archive that is not whole."""
    return NotABackup("The backup is cut off. Nothing of it was used; take another one.")
