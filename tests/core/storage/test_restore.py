"""Restoring changes everything or nothing, and uses nothing of a file that is not a whole backup."""

import hashlib
import io
import json
import random
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import Conflict
from core.settings import ROOT, Settings, child_environment, load_settings
from core.storage import tables as t
from core.storage.archive import NotABackup
from core.storage.backup import back_up
from core.storage.database import Database
from core.storage.migrate import HEAD, upgrade
from core.storage.people import Credential
from core.storage.restore import restore
from core.storage.store import Store
from core.values import InstallationRole
from tests import factories
from tests.places import empty_folder

Entries = list[tuple[tarfile.TarInfo, bytes]]


def quiet(_done: int, _total: int) -> None:
    """Nobody watches the progress."""


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of an installation with two documents. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("backup")
    with closing(Store(load_settings(data=empty_folder(folder / "source")))) as store:
        for name in ("a", "b"):
            factories.publish(store, factories.upload(store, f"{name}.txt", name.encode()), f"Text {name}.")
        back_up(store, folder / "backup", quiet)
    return folder / "backup"


def read(path: Path) -> Entries:
    """The files of an archive, by a reader of its own."""
    with tarfile.open(path) as archive:
        return [(one, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]


def write(path: Path, entries: Entries) -> Path:
    """An archive of these files."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for info, data in entries:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Entries], Entries]:
    """Change what a JSON file of the archive says."""

    def edit(entries: Entries) -> Entries:
        return [
            (info, json.dumps(change(json.loads(data))).encode() if info.name == name else data)
            for info, data in entries
        ]

    return edit


def replaced(part: str, change: Callable[[bytes], bytes]) -> Callable[[Entries], Entries]:
    """Change the bytes of files whose names have a part."""
    return lambda entries: [(info, change(data) if part in info.name else data) for info, data in entries]


def added(name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[Entries], Entries]:
    """Put a file in before the last one."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return lambda entries: [*entries[:-1], (info, data), entries[-1]]


HOSTILE: dict[str, Callable[[Entries], Entries]] = {
    "a name that climbs": added("../../etc/cron.d/x"),
    "an absolute name": added("/tmp/x"),
    "a climbing blob": added(f"files/ab/../{'0' * 59}"),
    "a symbolic link": added(f"files/ab/{'0' * 62}", b"", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link": added(f"files/ab/{'0' * 62}", b"", tarfile.LNKTYPE, "/etc/passwd"),
    "a device": added(f"files/ab/{'0' * 62}", b"", tarfile.CHRTYPE),
    "a folder": added("files", b"", tarfile.DIRTYPE),
    "an extension of the format": added("x" * 300),
    "a blob that is not what its name says": added(f"files/ab/{'0' * 62}", b"other bytes"),
    "changed bytes of a blob": replaced("files/", lambda data: data + b"!"),
    "a table nobody knows": added("tables/alembic_version/000000.jsonl", b'["0001"]\n'),
    "a changed row": replaced("tables/documents/", lambda data: data.replace(b"a.txt", b"c.txt")),
    "rows that are not JSON": replaced("tables/pages/", lambda _: b"{\n"),
    "rows that are no arrays": replaced("tables/pages/", lambda _: b'{"id": 1}\n'),
    "rows that are too short": replaced("tables/pages/", lambda _: b"[1]\n"),
    "a value of another kind": replaced("tables/counters/", lambda _: b'["changes", [1]]\n'),
    "the same row twice": replaced("tables/documents/", lambda data: data + data),
    "a document of no collection": replaced("tables/collections/", lambda _: b""),
    "a part left out": lambda entries: [one for one in entries if "tables/vectors/" not in one[0].name],
    "a blob left out": lambda entries: [one for one in entries if "files/" not in one[0].name],
    "a part twice": lambda entries: [*entries[:-1], entries[-2], entries[-1]],
    "no end": lambda entries: entries[:-1],
    "something after the end": lambda entries: [*entries, (tarfile.TarInfo(f"files/ab/{'0' * 62}"), b"x")],
    "no beginning": lambda entries: entries[1:],
    "a newer schema": changed("backup.json", lambda told: {**told, "revision": "9999"}),
    "a revision nobody knows": changed("backup.json", lambda told: {**told, "revision": "0000x"}),
    "a revision that is none": changed("backup.json", lambda told: {**told, "revision": 7}),
    "a newer form": changed("backup.json", lambda told: {**told, "format": 99}),
    "columns nobody knows": changed("backup.json", lambda told: {**told, "columns": {"counters": ["name", "x; --"]}}),
    "a beginning that says nothing": changed("backup.json", lambda _: {}),
    "a beginning that is a list": changed("backup.json", lambda _: []),
    "an end that is a list": changed("manifest.json", lambda _: []),
    "other hashes": changed("manifest.json", lambda told: {**told, "sha256": {}}),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_and_damaged_archives_change_nothing(backup: Path, tmp_path: Path, how: str) -> None:
    bad = write(tmp_path / "bad", HOSTILE[how](read(backup)))
    settings = load_settings(data=empty_folder(tmp_path / "data"))
    with closing(Store(settings)) as store:
        factories.upload(store, "mine.txt", b"mine")

    with pytest.raises(NotABackup):
        restore(settings, bad, quiet, replace=True)

    with closing(Store(settings)) as store:
        (mine,) = store.documents.page(factories.collection_id(store))
        assert (mine.path, list(store.files.all())) == ("mine.txt", [mine.sha256])
        assert not store.files.leftovers()
    assert not list(settings.data.glob("restoring*"))


@pytest.mark.parametrize(
    "seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.torture) for seed in range(10, 60))]
)
def test_cut_or_flipped_bytes_are_noticed(backup: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(backup.read_bytes())
    if seed % 2:
        del data[chance.randrange(len(data) - 1024) :]
    else:
        place = chance.choice([i for i, byte in enumerate(data[:-1024]) if byte])
        data[place] ^= 1 << chance.randrange(8)
    bad = tmp_path / "bad"
    bad.write_bytes(data)
    settings = load_settings(data=tmp_path / "data")

    try:
        restore(settings, bad, quiet)
    except NotABackup:
        with closing(Store(settings)) as store:
            assert not store.collections.ids()
    else:
        # A bit that says nothing, such as one of the names of owners in the headers.
        with closing(Store(settings)) as store:
            assert all(map(store.files.is_intact, store.inspection.files()))
            assert len(store.inspection.files()) == 2


@pytest.mark.parametrize("data", [b"", b"\0" * 1024, b"PK\x03\x04" + b"x" * 2000, b"\x1f\x8b" + b"x" * 2000])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad").write_bytes(data)

    with pytest.raises(NotABackup):
        restore(load_settings(data=tmp_path / "data"), tmp_path / "bad", quiet)


def test_a_huge_part_is_refused_unread(tmp_path: Path, backup: Path) -> None:
    info = tarfile.TarInfo("backup.json")
    info.size = 10**12
    (tmp_path / "bad").write_bytes(info.tobuf(tarfile.GNU_FORMAT))

    with pytest.raises(NotABackup, match="larger"):
        restore(load_settings(data=tmp_path / "data"), tmp_path / "bad", quiet)


def test_an_installation_is_only_replaced_when_asked(backup: Path, settings: Settings, store: Store) -> None:
    store.collections.create("Mine")
    store.close()

    with pytest.raises(Conflict, match="--replace"):
        restore(settings, backup, quiet)
    restore(settings, backup, quiet, replace=True)

    with closing(Store(settings)) as opened:
        assert [one.name for one in opened.collections.page(opened.collections.ids())] == ["Contracts"]


def test_nobody_else_may_use_it_meanwhile(backup: Path, settings: Settings, store: Store) -> None:
    store.collections.create("Mine")
    with store.database.read() as connection:
        connection.execute(sa.select(t.users)).all()

        with pytest.raises(Conflict, match="Another process"):
            restore(settings, backup, quiet, replace=True)

    assert store.collections.by_name("mine")


def test_files_that_nobody_needs_any_more_go(backup: Path, settings: Settings) -> None:
    with closing(Store(settings)) as store:
        mine = factories.upload(store, "mine.txt", b"mine").document
        damaged = factories.upload(store, "a.txt", b"a").document
        store.files.path(damaged.sha256).write_bytes(b"damaged")
    (settings.index_dir / "keywords").mkdir(parents=True)

    restore(settings, backup, quiet, replace=True)

    with closing(Store(settings)) as store:
        assert mine.sha256 not in set(store.files.all())
        assert set(store.files.all()) == store.inspection.files()
        assert all(map(store.files.is_intact, store.files.all()))
    assert not settings.index_dir.exists()


def test_sessions_go_on_and_links_do_not(store: Store, settings: Settings, tmp_path: Path) -> None:
    user = store.people.add("ann@example.org", InstallationRole.MEMBER)
    session = store.people.issue(user.id, Credential.SESSION, 60)
    store.people.issue(user.id, Credential.SIGN_IN_LINK, 60)
    back_up(store, tmp_path / "backup", quiet)
    store.close()

    restore(settings, tmp_path / "backup", quiet, replace=True)

    with closing(Store(settings)) as opened, opened.database.read() as connection:
        kinds = list(connection.execute(sa.select(t.credentials.c.kind)).scalars())
        assert kinds == [Credential.SESSION]
        assert opened.people.reader(session, Credential.SESSION).user_id == user.id


def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path, backup: Path) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with old.write() as connection:
        upgrade(connection, "0006")
        schema = sa.inspect(connection)
        there = {one: [c["name"] for c in schema.get_columns(one)] for one in schema.get_table_names()}
    old.close()

    def as_of_then(entries: Entries) -> Entries:
        known = json.loads(entries[0][1])["columns"]
        kept: Entries = []
        hashes = {}
        for info, data in entries[1:-1]:
            name = info.name.split("/")[1]
            if info.name.startswith("tables/"):
                if name not in there:
                    continue
                rows = [dict(zip(known[name], json.loads(line), strict=True)) for line in data.splitlines()]
                then = b"".join(json.dumps([row[c] for c in there[name]]).encode() + b"\n" for row in rows)
                hashes[info.name] = hashlib.sha256(then).hexdigest()
                kept.append((info, then))
            else:
                kept.append((info, data))
        del there["alembic_version"]
        head = {**json.loads(entries[0][1]), "revision": "0006", "columns": there}
        tail = {**json.loads(entries[-1][1]), "sha256": hashes}
        return [(entries[0][0], json.dumps(head).encode()), *kept, (entries[-1][0], json.dumps(tail).encode())]

    settings = load_settings(data=tmp_path / "data")
    restore(settings, write(tmp_path / "older", as_of_then(read(backup))), quiet)

    with closing(Store(settings)) as store:
        documents = store.documents.page(factories.collection_id(store))
        # A migration that makes a table anew would take along all that refers to the former one.
        there_now = [len(store.passages.of_version(one.version_id)) for one in documents]
        assert there_now == [one.passages for one in documents]
        assert (len(there_now), min(there_now) > 0, HEAD > "0006") == (2, True, True)


KILLED = """
import os, signal, sys
from pathlib import Path
from core.settings import load_settings
from core.storage.restore import restore
calls = 0
def count(*_):
    global calls
    calls += 1
    if calls == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
restore(load_settings(), Path({path!r}), count, replace=True)
"""


@pytest.mark.parametrize("at", [1, 2, 6, 12, 10_000])
def test_a_killed_restore_leaves_the_old_or_the_new(settings: Settings, backup: Path, at: int) -> None:
    with closing(Store(settings)) as store:
        mine = factories.upload(store, "mine.txt", b"mine").document

    program = KILLED.format(at=at, path=str(backup))
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=child_environment(settings), check=False)

    with closing(Store(settings)) as store:
        documents = [one.path for one in store.documents.page(factories.collection_id(store))]
        wanted = store.inspection.files()
        assert all(map(store.files.is_intact, wanted))
    if done.returncode == -signal.SIGKILL:
        assert documents == [mine.path]
    else:
        assert (at, sorted(documents), set(store.files.all())) == (10_000, ["a.txt", "b.txt"], wanted)
    restore(settings, backup, quiet, replace=True)
    with closing(Store(settings)) as store:
        assert len(store.documents.page(factories.collection_id(store))) == 2
