"""A backup holds one moment of the database, and what it needs of the files, while people work."""

import io
import json
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import Conflict, InvalidRequest, NotFound
from core.settings import Settings, load_settings
from core.storage import tables as t
from core.storage.archive import MANIFEST, members
from core.storage.backup import back_up
from core.storage.chain import Entry
from core.storage.restore import restore
from core.storage.store import Store
from core.values import InstallationRole
from tests import factories
from tests.places import database
from tests.processes import eventually


def quiet(_done: int, _total: int) -> None:
    """Nobody watches the progress."""


# How a backup is restored into either kind, the first test looks at; for the others one kind does.
either = pytest.mark.parametrize("elsewhere", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty installation of either kind to restore into."""
    if request.param == "sqlite":
        yield load_settings(data=tmp_path / "elsewhere")
        return
    with database(request.getfixturevalue("postgres_url")) as url:
        yield load_settings(data=tmp_path / "elsewhere", database_url=url)


def rows(store: Store) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with store.database.read() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for table in t.metadata.sorted_tables
        }


def fill(store: Store) -> str:
    """Some of everything; the id of a document that answers."""
    person = store.people.add("ann@example.org", InstallationRole.MEMBER)
    collection = store.collections.create("Contracts", person.id).id
    uploaded = factories.upload(store, "a/ä.txt", b"The rent is 5 \xe2\x82\xac.", collection=collection, tags=["rent"])
    factories.publish(store, uploaded, "The rent is 5 €.", "It is due on the 1st.")
    doomed = factories.upload(store, "b.txt", b"Gone.", collection=collection)
    factories.publish(store, doomed, "Gone.", "And this.", "And that.")
    store.documents.delete(doomed.document.id)
    factories.upload(store, "queued.txt", b"Not read yet.", collection=collection)
    store.answers.record("1" * 36, "How much?", {"answer": "5 €"}, user_id=person.id, conversation_id="2" * 36)
    store.decisions.append([Entry(0.1 + 0.2, "3" * 36, "question", "allow", "basic", "v1", "0" * 64, detail={"ä": 1})])
    return uploaded.document.id


@either
def test_everything_comes_back_on_either_kind_of_database(store: Store, elsewhere: Settings, tmp_path: Path) -> None:
    document_id = fill(store)

    made = back_up(store, tmp_path / "backup", quiet)
    restored = restore(elsewhere, tmp_path / "backup", quiet)

    assert (made.missing, made.deleted, made.files) == ((), (), 2)
    assert (restored.rows, restored.files) == (made.rows, made.files)
    with closing(Store(elsewhere)) as other:
        assert rows(other) == rows(store)
        assert other.decisions.verify() == store.decisions.verify()
        sha256 = other.documents.get(document_id).sha256
        assert other.files.path(sha256).read_bytes() == store.files.path(sha256).read_bytes()
        # No id of a passage that was deleted is given once more.
        highest = max(read_ids(store))
        factories.publish(other, factories.upload(other, "new.txt", b"New."), "New.")
        assert min(set(read_ids(other)) - set(read_ids(store))) > highest + 3


def read_ids(store: Store) -> list[int]:
    """The ids of all passages."""
    with store.database.read() as connection:
        return list(connection.execute(sa.select(t.passages.c.id)).scalars())


def test_only_its_owner_may_read_it_and_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "backup"
    back_up(store, path, quiet)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="never overwritten"):
        back_up(store, path, quiet)
    with pytest.raises(InvalidRequest, match="cannot be written"):
        back_up(store, tmp_path / "no such folder" / "backup", quiet)
    assert [one.name for one in tmp_path.iterdir() if "backup" in one.name] == ["backup"]


def test_a_lost_or_damaged_file_is_named_and_left_out(store: Store, elsewhere: Settings, tmp_path: Path) -> None:
    lost, damaged, fine = (factories.upload(store, f"{name}.txt", name.encode()).document for name in "abc")
    store.files.remove(lost.sha256)
    store.files.path(damaged.sha256).write_bytes(b"other")

    made = back_up(store, tmp_path / "backup", quiet)
    restored = restore(elsewhere, tmp_path / "backup", quiet)

    assert set(made.missing) == set(restored.missing) == {lost.sha256, damaged.sha256}
    with closing(Store(elsewhere)) as other:
        assert list(other.files.all()) == [fine.sha256]
        assert other.documents.get(lost.id).sha256 == lost.sha256


def test_what_is_deleted_meanwhile_does_not_come_back(store: Store, elsewhere: Settings, tmp_path: Path) -> None:
    kept, *gone = (factories.upload(store, f"{name}.txt", name.encode()).document for name in "abc")

    def delete_some(done: int, total: int) -> None:
        if done == 0 and total:
            for document in gone:
                store.documents.delete(document.id)

    made = back_up(store, tmp_path / "backup", delete_some)
    restore(elsewhere, tmp_path / "backup", quiet)

    assert (set(made.deleted), made.missing) == ({one.id for one in gone}, ())
    with closing(Store(elsewhere)) as other:
        assert other.documents.get(kept.id).sha256 == kept.sha256
        assert set(other.files.all()) == {kept.sha256}
        for document in gone:
            with pytest.raises(NotFound):
                other.documents.get(document.id)


def test_it_is_of_one_moment_under_load(store: Store, elsewhere: Settings, tmp_path: Path) -> None:
    collection = factories.collection_id(store)
    ending = threading.Event()

    def work(name: str) -> None:
        number = 0
        while not ending.is_set():
            number += 1
            uploaded = factories.upload(
                store, f"{name}-{number}.txt", f"{name} {number}".encode(), collection=collection
            )
            if number % 3 == 0:
                store.documents.delete(uploaded.document.id)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: len(list(store.files.all())) > 4, 60)
        for number in range(5):
            back_up(store, tmp_path / f"backup-{number}", quiet)
    finally:
        ending.set()
        for thread in threads:
            thread.join()

    for number in range(5):
        restore(elsewhere, tmp_path / f"backup-{number}", quiet, replace=True)
        with closing(Store(elsewhere)) as other:
            assert other.inspection.files() == set(other.files.all())
            assert all(map(other.files.is_intact, other.files.all()))
    assert len(list(other.files.all())) > 1


def test_it_has_no_bytes_of_what_was_deleted_before(store: Store, tmp_path: Path) -> None:
    doomed = factories.upload(store, "a.txt", b"The heron stands in the reeds.")
    factories.publish(store, doomed, "The heron stands in the reeds.")
    store.documents.delete(doomed.document.id)

    back_up(store, tmp_path / "backup", quiet)

    assert b"heron" not in (tmp_path / "backup").read_bytes()


def test_large_tables_are_in_parts(store: Store, elsewhere: Settings, tmp_path: Path) -> None:
    uploaded = factories.upload(store)
    with store.database.write() as connection:
        for number in range(5):
            text = {"text": "x" * 5_000_000, "width": 0, "height": 0, "name": ""}
            connection.execute(t.pages.insert().values(version_id=uploaded.document.version_id, number=number, **text))

    back_up(store, tmp_path / "backup", quiet)
    restore(elsewhere, tmp_path / "backup", quiet)

    manifest = next(one.whole(10**6) for one in members(tmp_path / "backup") if one.name == MANIFEST)
    assert len([name for name in json.load(io.BytesIO(manifest))["sha256"] if "/pages/" in name]) == 2
    with closing(Store(elsewhere)) as other:
        assert rows(other)["pages"] == rows(store)["pages"]
