"""The content-addressed file store: bytes under their SHA-256, fsynced before anyone relies on them.

Names given by people never reach the file system. Which files are still wanted is decided in SQL.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from core.errors import StorageFull, TooLarge
from core.values import StoredFile

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StagedFile:
    """Bytes that are fsynced in the staging folder but not yet part of the store."""

    file: StoredFile
    staged_at: Path


class Incoming:
    """A file being received: write to it, then `finish`; leaving the context without that discards it."""

    def __init__(self, folder: Path, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / uuid.uuid4().hex
        self._limit = limit
        self._hash = hashlib.sha256()
        self._size = 0
        self._file = self._path.open("xb")
        self._kept = False

    def __enter__(self) -> "Incoming":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # What counts was flushed by `finish`; on a full disk, closing fails again and would hide the first error.
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._kept:
            self._path.unlink(missing_ok=True)

    def write(self, data: bytes) -> int:
        """Append bytes. Raises `TooLarge` past the limit and `StorageFull` when the disk is."""
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge(f"The file is larger than the limit of {self._limit:,} bytes.")
        try:
            self._file.write(data)
        except OSError as error:
            raise storage_error(error) from error
        self._hash.update(data)
        return len(data)

    def finish(self) -> StagedFile:
        """Make the bytes durable and say what they are."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise storage_error(error) from error
        self._kept = True
        return StagedFile(StoredFile(self._hash.hexdigest(), self._size), self._path)


class FileStore:
    """Blobs below one folder: `<2 hex>/<62 hex>`, plus `incoming/` for files on their way in."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max_bytes = max_bytes

    def receive(self, limit: int | None = None) -> Incoming:
        """A new file to write into, up to a number of bytes, which by default is that for all files."""
        try:
            return Incoming(self._root / "incoming", self._max_bytes if limit is None else limit)
        except OSError as error:
            raise storage_error(error) from error

    def stage(self, source: BinaryIO) -> StagedFile:
        """Copy a whole stream into the staging folder."""
        with self.receive() as incoming:
            shutil.copyfileobj(source, incoming, _COPY_BYTES)
            return incoming.finish()

    def place(self, staged: StagedFile) -> None:
        """Move staged bytes into the store; call it while holding the row lock of these bytes."""
        target = self.path(staged.file.sha256)
        try:
            if target.exists():
                staged.staged_at.unlink(missing_ok=True)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.staged_at.replace(target)
            fsync_folder(target.parent)
            fsync_folder(self._root)
        except OSError as error:
            raise storage_error(error) from error

    def discard(self, staged: StagedFile) -> None:
        """Forget staged bytes that turned out not to be needed."""
        staged.staged_at.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the blob lies. Raises `ValueError` for anything but a SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._root / sha256[:2] / sha256[2:]

    def remove(self, sha256: str) -> None:
        """Remove a blob; call it while holding its row lock."""
        self.path(sha256).unlink(missing_ok=True)

    def all(self) -> Iterator[str]:
        """The SHA-256 names of all blobs on disk."""
        for path in self._entries():
            if self._is_blob(path):
                yield path.parent.name + path.name

    def names(self) -> set[str]:
        """The same, by names alone: whatever is called as a blob is. Cheap however many there are."""
        found: set[str] = set()
        for folder in self._root.glob("[0-9a-f][0-9a-f]"):
            if not folder.is_symlink():
                with contextlib.suppress(OSError), os.scandir(folder) as entries:
                    found.update(folder.name + entry.name for entry in entries)
        return {name for name in found if _SHA256.fullmatch(name)}

    def age(self, sha256: str) -> float:
        """For how many seconds the blob has lain there; 0 when it is gone, or is no file."""
        path = self.path(sha256)
        with contextlib.suppress(FileNotFoundError):
            if self._is_blob(path):
                # Its bytes may be older than its name, and the other way round.
                found = path.stat()
                return max(time.time() - max(found.st_mtime, found.st_ctime), 0.0)
        return 0.0

    def strangers(self) -> list[Path]:
        """What somebody else has put among the blobs."""
        return [path for path in self._entries() if not self._is_blob(path)]

    def _entries(self) -> Iterator[Path]:
        # Never through a link: what lies behind it is not ours to judge.
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else [folder]

    @staticmethod
    def _is_blob(path: Path) -> bool:
        return bool(_SHA256.fullmatch(path.parent.name + path.name)) and not path.is_symlink() and path.is_file()

    def leftovers(self) -> list[Path]:
        """Files in the staging folder: uploads under way, or cut off."""
        incoming = self._root / "incoming"
        return [] if incoming.is_symlink() else sorted(path for path in incoming.glob("*") if not path.is_dir())

    def remove_leftovers(self, older_seconds: float) -> int:
        """Remove what lies in the staging folder untouched for so long; how many files."""
        removed = 0
        for path in self.leftovers():
            # An upload under way may end, and another process may tidy, between these lines.
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > older_seconds:
                    path.unlink()
                    removed += 1
        return removed

    def room(self) -> int:
        """How many bytes the disk has left."""
        self._root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def is_intact(self, sha256: str) -> bool:
        """Whether the blob is there and still has the hash of its name."""
        path = self.path(sha256)
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(error: OSError) -> OSError | StorageFull:
    """The error to raise in place of one of the system: `StorageFull` where the disk is."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFull("The disk of the file store is full. Free some space and try again.")
    return error
