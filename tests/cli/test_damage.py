"""Damage of many kinds to files, vectors and indexes: each is found by its name, and repaired or told."""

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from cli.examination import problems, repair
from core.settings import Settings, load_settings
from core.storage import tables as t
from core.storage.soundness import Problem
from core.storage.store import Store
from retrieval.index import snapshots
from retrieval.index.live import LiveVectors, changes_after
from retrieval.index.opening import open_indexer
from tests import factories
from workers.ingest_tasks import IngestWorker

SEED = 20
CHOSEN = random.Random(SEED)


@dataclass
class Data:
    """A data folder with documents that are read and indexed, to be damaged."""

    settings: Settings
    store: Store

    def file(self) -> Path:
        """The stored bytes of some document."""
        wanted = sorted(self.store.inspection.files())
        return self.store.files.path(CHOSEN.choice(wanted))

    def of_index(self, pattern: str) -> Path:
        """Some file of the index."""
        return CHOSEN.choice(sorted(self.settings.index_dir.glob(pattern)))

    def version(self) -> str:
        """Some version that answers."""
        with self.store.database.read() as connection:
            ids = connection.execute(sa.select(t.documents.c.current_version_id).order_by(t.documents.c.path))
            return str(CHOSEN.choice(list(ids.scalars())))

    def run(self, statement: sa.Executable) -> None:
        """Change rows behind the program's back."""
        with self.store.database.write() as connection:
            connection.execute(statement)

    def examined(self, *, mend: bool = False) -> list[Problem]:
        """What doctor finds, after a repair of what it found before where that is asked for."""
        with closing(open_indexer(self.settings, self.store)) as indexer:
            owned = indexer.try_own()
            found = list(problems(self.settings, self.store, indexer, owned=owned))
            if mend:
                repair(self.settings, self.store, indexer, found)
                found = list(problems(self.settings, self.store, indexer, owned=owned))
            return found


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which nothing is wrong, with a snapshot of vectors."""
    settings = load_settings(data=tmp_path_factory.mktemp("sound"))
    with closing(Store(settings)) as store:
        worker = IngestWorker(settings, store)
        for number in range(3):
            factories.upload(store, f"{number}.txt", f"The heron number {number} stands in the reeds.".encode())
            worker.run()
        worker.close()
        with closing(open_indexer(settings, store)) as indexer:
            assert indexer.try_own()
            indexer.catch_up()
        agreed = store.agreements.embedder()
        assert agreed is not None
        vectors = LiveVectors(settings.index_dir / "vectors", store, agreed.name)
        for change in changes_after(store, 0):
            vectors.take(change)
        vectors.add_all()
        snapshots.save(settings.index_dir / "vectors", vectors.index, vectors.sequence, agreed.name)
        store.database.forget_freed()
    return settings.data


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Iterator[Data]:
    """A copy of it."""
    settings = load_settings(data=tmp_path / "data")
    shutil.copytree(sound, settings.data)
    with closing(Store(settings)) as store:
        yield Data(settings, store)


def _flip(path: Path) -> None:
    """One bit."""
    content = bytearray(path.read_bytes())
    content[CHOSEN.randrange(len(content))] ^= 1 << CHOSEN.randrange(8)
    path.write_bytes(content)


def _old(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (0, time.time() - 7200))


def _vectors(data: Data, blob: Callable[[bytes], bytes]) -> None:
    with data.store.database.read() as connection:
        row = CHOSEN.choice(connection.execute(sa.select(t.vectors).order_by(t.vectors.c.version_id)).all())
    data.run(t.vectors.update().where(t.vectors.c.version_id == row.version_id).values(data=blob(row.data)))


def _rows_of(table: sa.Table, data: Data) -> sa.Executable:
    return table.delete().where(table.c.version_id == data.version())


def _another_index(data: Data) -> None:
    """A whole keyword folder, of an earlier moment and with a manifest that says it is of this one."""
    with closing(open_indexer(data.settings, data.store)) as indexer:
        assert indexer.try_own()
        latest = data.store.changes.latest()
        data.run(t.changes.delete().where(t.changes.c.sequence == latest))
        indexer.rebuild()
    rows = {"sequence": latest, "operation": "publish", "document_id": "", "version_id": None, "collection_id": ""}
    documents = data.store.documents.page(factories.collection_id(data.store))
    known = {change.document_id for change in data.store.changes.since(0)}
    (lost,) = [one for one in documents if one.id not in known]
    rows |= {"document_id": lost.id, "version_id": lost.version_id, "collection_id": lost.collection_id}
    data.run(t.changes.insert().values(**rows))


Damage = Callable[[Data], None]
REPAIRED: list[tuple[str, Damage]] = [
    ("orphan_file", lambda d: _old(d.settings.files_dir / "00" / ("0" * 62))),
    ("file_size", lambda d: d.run(t.files.update().values(size=1))),
    ("leftover", lambda d: _old(d.settings.files_dir / "incoming" / "left")),
    ("leftover", lambda d: _old(d.settings.data / "restoring.sqlite3-wal")),
    ("leftover", lambda d: _old(d.settings.data / ".monday.tar.01234567.part")),
    ("leftover", lambda d: _old(d.settings.index_dir / "vectors" / "new-0123")),
    ("leftover", lambda d: _old(d.settings.index_dir / "keywords" / "manifest.json.1.new")),
    ("index", lambda d: d.of_index("keywords/index-*/*.term").unlink()),
    ("index", lambda d: _flip(d.of_index("keywords/index-*/*.idx"))),
    ("index", lambda d: _flip(d.settings.index_dir / "keywords" / "manifest.json")),
    ("index", lambda d: shutil.rmtree(d.settings.index_dir / "keywords")),
    ("index", lambda d: _flip(d.of_index("vectors/*/vectors.faiss"))),
    ("index", lambda d: _flip(d.of_index("vectors/*/versions.json"))),
    ("counter", lambda d: d.run(t.counters.update().where(t.counters.c.name == "changes").values(n=99))),
    ("index", _another_index),
]
# Repaired by reading again, which takes longer, so all of them at once.
READ_AGAIN: list[tuple[str, Damage]] = [
    ("miscounted", lambda d: d.run(_rows_of(t.passages, d))),
    ("miscounted", lambda d: d.run(_rows_of(t.vectors, d))),
    ("damaged_vectors", lambda d: _vectors(d, lambda blob: blob[:-1])),
    ("damaged_vectors", lambda d: _vectors(d, lambda blob: b"\xff" * len(blob))),
]


def test_nothing_is_wrong_with_what_is_sound(data: Data) -> None:
    assert data.examined() == []


@pytest.mark.parametrize(("kind", "damage"), REPAIRED)
def test_what_can_be_made_anew_is_found_by_name_and_repaired(data: Data, kind: str, damage: Damage) -> None:
    damage(data)

    assert kind in {problem.kind for problem in data.examined()}
    assert data.examined(mend=True) == []


@pytest.mark.parametrize(("kind", "damage"), READ_AGAIN)
def test_what_can_be_read_again_is_found(data: Data, kind: str, damage: Damage) -> None:
    damage(data)

    assert kind in {problem.kind for problem in data.examined()}


def test_what_can_be_read_again_is_repaired(data: Data) -> None:
    for _, damage in READ_AGAIN:
        damage(data)

    assert data.examined(mend=True) == []
    assert data.store.inspection.published_passages() == 3


def test_bytes_that_are_gone_are_told_with_what_to_do(data: Data) -> None:
    lost, damaged = sorted(data.store.inspection.files())[:2]
    data.store.files.remove(lost)
    _flip(data.store.files.path(damaged))

    assert {problem.kind for problem in data.examined()} == {"missing_file", "damaged_file"}
    left = data.examined(mend=True)
    assert [problem.kind for problem in left] == ["missing_file", "missing_file"]
    assert all("Add it again under the same path." in problem.message for problem in left)


def test_what_somebody_else_put_there_is_told_and_left_alone(data: Data, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for path in (elsewhere / "canary", elsewhere / "index-0" / "canary", data.file().with_suffix(".bak")):
        _old(path)
    data.file().parent.joinpath("mine").mkdir()
    shutil.rmtree(data.settings.files_dir / "incoming")
    for link in (data.settings.files_dir / "00", data.settings.files_dir / "incoming"):
        link.symlink_to(elsewhere)
    (data.settings.index_dir / "keywords" / "index-linked").symlink_to(elsewhere)
    (data.settings.data / "restoring.sqlite3-link").symlink_to(elsewhere / "canary")

    data.examined(mend=True)

    assert {problem.kind for problem in data.examined()} >= {"stranger"}
    assert sorted(path.name for path in elsewhere.rglob("*")) == ["canary", "canary", "index-0"]
    assert data.store.files.strangers() and (elsewhere / "canary").exists()
