"""Puts a backup back: stored files first, which disturb nobody, then the whole database at one stroke.

Until that stroke the installation is as it was; after it, it is that of the backup. Nothing else may run meanwhile.
What is derived from the database is thrown away, for its owner to make anew.
"""

import dataclasses
import hashlib
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from core.errors import Conflict
from core.settings import Settings
from core.storage import tables as t
from core.storage.archive import HEADER, Member, NotABackup, cut_off, members
from core.storage.backup import FORMAT
from core.storage.database import Database
from core.storage.dropping import NEEDED
from core.storage.dump import HIGHEST_PASSAGE, Loader, empty
from core.storage.files import FileStore, fsync_folder
from core.storage.intake import Intake
from core.storage.migrate import HEAD, revision_of, upgrade
from core.storage.people import Credential
from core.storage.remembering import Remembered, came_back, carry_over, remember, tell_return
from core.storage.removal import remove

_MOST_SMALL_BYTES = 64 * 1024 * 1024
_REVISION = re.compile("[0-9]{4}")
_SCRATCH = "restoring.sqlite3"
_LOCK_WAIT_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.05

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. `missing` are stored files that the backup lacks, by their SHA-256; `deleted` are
    documents that were deleted while it was made, and stay away."""

    made_at: str
    rows: int
    files: int
    missing: tuple[str, ...]
    deleted: tuple[str, ...]
    # Documents that were deleted after the backup was made, by the receipts of the installation that was replaced.
    returned: tuple[str, ...] = ()
    kept_away: tuple[str, ...] = ()


def restore(
    settings: Settings, path: Path, on_progress: Report, *, replace: bool = False, without_deleted: bool = False
) -> Restored:
    """Put a backup into an empty installation or, with `replace`, in the place of the one that is there.

    Receipts of deletions that are there are kept. What they say is gone comes back, and then they tell that too, or,
    `without_deleted`, stays away. `on_progress` is told how many of how many bytes are read. Raises `NotABackup`, and
    `Conflict` where the installation is not empty, somebody uses it, or the backup could not keep its receipts; then
    nothing has changed.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    files = FileStore(settings.files_dir, settings.max_file_bytes)
    with Intake(files) as intake:
        with _target(settings, replace=replace) as (connection, former):
            restored = _Restoring(connection, intake).read(path, on_progress)
            carry_over(connection, former)
            back = came_back(connection)
            if without_deleted:
                restored = dataclasses.replace(restored, kept_away=tuple(sorted(back)))
            else:
                restored = dataclasses.replace(restored, returned=tuple(sorted(back.keys() - set(restored.deleted))))
                tell_return(connection, {one: back[one] for one in restored.returned}, restored.made_at)
            wanted = _drop(connection, [*restored.deleted, *restored.kept_away])
            intake.keep()  # from here on, too many are better than too few
    for sha256 in set(files.all()) - wanted:
        files.remove(sha256)
    return restored


def _drop(connection: sa.Connection, document_ids: Sequence[str]) -> set[str]:
    """Remove documents that shall not come back; the stored files that the others need."""
    for document_id in document_ids:
        query = sa.select(t.documents.c.collection_id).where(t.documents.c.id == document_id)
        collection_id = connection.execute(query).scalar_one_or_none()
        if collection_id is not None:
            remove(connection, document_id, collection_id)
    connection.execute(t.files.delete().where(t.files.c.sha256.not_in(NEEDED)))
    return set(connection.execute(NEEDED).scalars())


class _Restoring:
    """Reads one archive into a connection and a store of files; what was read counts once all of it was."""

    def __init__(self, connection: sa.Connection, intake: Intake) -> None:
        self._connection = connection
        self._intake = intake
        self._header: Mapping[str, Any] = {}
        self._loader: Loader | None = None
        self._sha256: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._manifest: Mapping[str, Any] | None = None

    def read(self, path: Path, on_progress: Report) -> Restored:
        """Take in everything, and bring the schema up to date. Raises `NotABackup`."""
        size = path.stat().st_size
        done = 0
        try:
            for member in members(path):
                if self._manifest is not None:
                    raise NotABackup("This is not a backup that can be used: something follows its end.")
                self._take(member)
                done += member.size
                on_progress(done, size)
            return self._proved()
        except sa.exc.OperationalError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, sa.exc.StatementError) as error:
            raise NotABackup(f"This is not a backup that can be used: {_first_line(error)}.") from error

    def _take(self, member: Member) -> None:
        kind, _, rest = member.name.partition("/")
        if (member.name == HEADER) == bool(self._header):
            raise NotABackup("This is not a backup that can be used: its parts are not in their order.")
        match kind:
            case "backup.json":
                self._begin(json.loads(member.whole(_MOST_SMALL_BYTES)))
            case "manifest.json":
                self._manifest = json.loads(member.whole(_MOST_SMALL_BYTES))
            case "tables":
                self._load(rest.partition("/")[0], member)
            case "files":
                self._intake.receive(rest.replace("/", ""), member.chunks(), member.size)

    def _begin(self, header: Mapping[str, Any]) -> None:
        if not _REVISION.fullmatch(header["revision"]):
            raise NotABackup("This is not a backup that can be used: it does not say of which version it is.")
        if header["format"] != FORMAT or header["revision"] > HEAD:
            raise NotABackup("The backup was made by a newer version of Archivar. Update this one, then restore it.")
        upgrade(self._connection, header["revision"])
        self._header = header
        self._loader = Loader(self._connection)
        # What the migrations put there themselves comes from the backup.
        for name in self._loader.tables:
            self._connection.execute(sa.table(name).delete())

    def _load(self, name: str, member: Member) -> None:
        loader = cast(Loader, self._loader)
        data = member.whole(_MOST_SMALL_BYTES * 4)
        self._sha256[member.name] = hashlib.sha256(data).hexdigest()
        loaded = loader.load(name, self._header["columns"][name], data.splitlines())
        self._rows[name] = self._rows.get(name, 0) + loaded

    def _proved(self) -> Restored:
        told = self._manifest
        if told is None:
            raise cut_off()
        if told["sha256"] != self._sha256 or told["files"] != self._intake.received:
            raise NotABackup("The backup is damaged. Nothing of it was used; take another one.")
        cast(Loader, self._loader).set_highest_passage(int(self._header[HIGHEST_PASSAGE]))
        upgrade(self._connection, HEAD)
        # A link that was used after the backup was made must not work once more.
        links = t.credentials.c.kind == Credential.SIGN_IN_LINK
        self._connection.execute(t.credentials.delete().where(links))
        missing, deleted = (tuple(map(str, told[name])) for name in ("missing", "deleted"))
        rows = sum(self._rows.values())
        return Restored(str(self._header["made_at"]), rows, self._intake.received, missing, deleted)


def scratch_files(settings: Settings) -> list[Path]:
    """Files of a restore, or of a backup into the data folder, that is under way or was cut off."""
    return sorted([*settings.data.glob(f"{_SCRATCH}*"), *settings.data.glob(".*.part")])


@contextmanager
def _target(settings: Settings, *, replace: bool) -> Iterator[tuple[sa.Connection, Remembered]]:
    """A transaction on an empty database, which is that of the installation once the context has ended well; what is
    remembered of the one that it replaces."""
    former = Database(settings.sqlalchemy_url)
    try:
        if not replace and not _is_empty(former):
            raise Conflict(
                f"There is an installation on {settings.data} already. Restore into an empty data folder, or say "
                "--replace to have everything in it replaced."
            )
        remembered = remember(former)
        with _beside(settings, former) if former.is_sqlite else _within(settings, former) as connection:
            yield connection, remembered
    finally:
        former.close()


def _is_empty(database: Database) -> bool:
    if revision_of(database) is None:
        return True
    with database.read() as connection:
        kept = (t.users, t.collections, t.documents, t.answers)
        return not any(connection.execute(sa.select(sa.literal(1)).select_from(one).limit(1)).first() for one in kept)


@contextmanager
def _beside(settings: Settings, former: Database) -> Iterator[sa.Connection]:
    """SQLite: a new file, renamed over the former one."""
    target = Path(former.engine.url.database or "")
    scratch = target.with_name(_SCRATCH)
    former.close()
    _fold(target)
    _remove(scratch)
    made = Database(f"sqlite:///{scratch}")
    try:
        with made.write() as connection:
            yield connection
        made.close()
        _fold(scratch)
        _forget_derived(settings)
        scratch.replace(target)
        fsync_folder(target.parent)
    finally:
        made.close()
        _remove(scratch)


@contextmanager
def _within(settings: Settings, former: Database) -> Iterator[sa.Connection]:
    """PostgreSQL: one transaction."""
    with former.write() as connection:
        if not _alone(connection):
            raise in_use()
        empty(connection)
        yield connection
        _forget_derived(settings)


def _alone(connection: sa.Connection) -> bool:
    """Whether no other client is connected to the database; one whose process has just ended is waited for."""
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    until = time.monotonic() + _LOCK_WAIT_SECONDS
    while connection.execute(others).scalar_one():
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_AGAIN_SECONDS)
        # A transaction goes on seeing what it saw first.
        connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
    return True


def _fold(path: Path) -> None:
    """Fold the write-ahead log into its database, which only works while nobody else has it open."""
    with closing(sqlite3.connect(path, timeout=_LOCK_WAIT_SECONDS)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.OperationalError as error:
            raise in_use() from error


def in_use() -> Conflict:
    """The error where something else runs on the installation."""
    return Conflict("Another process uses this installation. Stop `up` and whatever else runs on it, then restore.")


def _forget_derived(settings: Settings) -> None:
    shutil.rmtree(settings.index_dir, ignore_errors=True)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
