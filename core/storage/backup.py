"""Makes a backup while people work: the database as of one moment, then the stored files, in one archive.

Nothing waits for it. What it holds is put back by `restore`.
"""

import io
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import sqlalchemy as sa

from core.errors import Conflict, InvalidRequest
from core.storage import tables as t
from core.storage.archive import HEADER, MANIFEST, ArchiveWriter
from core.storage.dump import HIGHEST_PASSAGE, columns, highest_passage, lines
from core.storage.files import fsync_folder, storage_error
from core.storage.migrate import HEAD
from core.storage.store import Store

FORMAT = 1
# A part of a table ends with the first row beyond this, which bounds what is held at a time.
_PART_BYTES = 16 * 1024 * 1024
_IN_MEMORY = 1024 * 1024

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What is in a backup.

    `deleted` were deleted while it was made, and do not come back; of `missing`, by their SHA-256, the stored bytes are
    gone or damaged here, so that the backup lacks them too.
    """

    path: Path
    size: int
    rows: int
    files: int
    missing: tuple[str, ...]
    deleted: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class _Contents:
    sha256: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    missing: list[str] = field(default_factory=list)


def back_up(store: Store, path: Path, on_progress: Report) -> BackupMade:
    """Write a backup to a new file, readable by its owner alone, which is there whole or not at all.

    `on_progress` is told how many of how many stored files are in it. Raises `Conflict` where there is such a file,
    `InvalidRequest` where it cannot be made, and `StorageFull`.
    """
    began = time.monotonic()
    _refuse_existing(path)
    store.receipts.public_key()  # so that every backup has the key by which its installation is known
    with _scratch(path) as scratch, ArchiveWriter(scratch) as archive:
        contents = _Contents()
        with store.database.snapshot() as connection:
            _add_json(archive, HEADER, _header(connection))
            for table in t.metadata.sorted_tables:
                _add_table(archive, contents, connection, table)
            documents = set(connection.execute(sa.select(t.documents.c.id)).scalars())
            wanted = list(connection.execute(sa.select(t.files.c.sha256).order_by(t.files.c.sha256)).scalars())
        # A snapshot that is held for long keeps the database from tidying up, so the files come after it.
        for number, sha256 in enumerate(wanted):
            on_progress(number, len(wanted))
            _add_file(archive, contents, store, sha256)
        on_progress(len(wanted), len(wanted))
        deleted = documents - _documents(store)
        missing = set(contents.missing) & store.inspection.files()
        manifest = {
            "sha256": contents.sha256,
            "rows": contents.rows,
            "files": contents.files,
            "missing": sorted(missing),
            "deleted": sorted(deleted),
        }
        _add_json(archive, MANIFEST, manifest)
        size = archive.close()
    rows = sum(contents.rows.values())
    seconds = time.monotonic() - began
    return BackupMade(path, size, rows, contents.files, tuple(sorted(missing)), tuple(sorted(deleted)), seconds)


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """A name beside the backup that becomes its name once it is whole."""
    scratch = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield scratch
        _refuse_existing(path)
        scratch.rename(path)
        fsync_folder(path.parent)
    except OSError as error:
        raise _unwritable(error, path) from error
    finally:
        scratch.unlink(missing_ok=True)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Conflict(f"{path} exists already. A backup is never overwritten: choose another name.")


def _unwritable(error: OSError, path: Path) -> Exception:
    known = storage_error(error)
    return InvalidRequest(f"{path} cannot be written: {error.strerror}.") if known is error else known


def _header(connection: sa.Connection) -> dict[str, Any]:
    counters = {row.name: row.n for row in connection.execute(sa.select(t.counters))}
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(),
        "revision": HEAD,
        "change": counters.get("changes", 0),
        "installation": str(counters.get("installation", 0)),
        "columns": {table.name: columns(table) for table in t.metadata.sorted_tables},
        HIGHEST_PASSAGE: highest_passage(connection),
    }


def _add_json(archive: ArchiveWriter, name: str, value: object) -> None:
    data = json.dumps(value, indent=1).encode()
    archive.add(name, io.BytesIO(data), len(data))


def _add_table(archive: ArchiveWriter, contents: _Contents, connection: sa.Connection, table: sa.Table) -> None:
    rows = lines(connection, table)
    contents.rows[table.name] = number = 0
    more = True
    while more:
        with SpooledTemporaryFile(_IN_MEMORY) as part:
            count, more = _filled(part, rows)
            contents.rows[table.name] += count
            if size := part.tell():
                part.seek(0)
                name = f"tables/{table.name}/{number:06d}.jsonl"
                contents.sha256[name] = archive.add(name, part, size)
                number += 1


def _filled(part: IO[bytes], rows: Iterator[bytes]) -> tuple[int, bool]:
    """Write the next rows; how many, and whether there may be more."""
    count = 0
    for row in rows:
        part.write(row)
        count += 1
        if part.tell() > _PART_BYTES:
            return count, True
    return count, False


def _add_file(archive: ArchiveWriter, contents: _Contents, store: Store, sha256: str) -> None:
    try:
        with store.files.path(sha256).open("rb") as blob:
            found = archive.add(f"files/{sha256[:2]}/{sha256[2:]}", blob, os.fstat(blob.fileno()).st_size)
    except FileNotFoundError:
        contents.missing.append(sha256)  # deleted meanwhile, or lost before: the end of the backup tells
        return
    if found != sha256:
        archive.take_back()
        contents.missing.append(sha256)
    else:
        contents.files += 1


def _documents(store: Store) -> set[str]:
    with store.database.read() as connection:
        return set(connection.execute(sa.select(t.documents.c.id)).scalars())
