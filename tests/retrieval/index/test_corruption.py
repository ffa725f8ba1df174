"""Whatever happens to the files of the index, a search that opens them finds what it found before, or rebuilds them."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.settings import Settings, load_settings
from core.storage.store import Store
from core.values import OPERATOR
from retrieval.embedders.protocol import Embedder
from retrieval.index import snapshots
from retrieval.index.durable import MANIFEST, read_manifest
from retrieval.index.live import LiveVectors, changes_after
from retrieval.index.local import LocalIndexer
from retrieval.index.vectors import VectorIndex
from retrieval.retriever import Retriever
from tests.retrieval.conftest import publish_passages
from tests.retrieval.index.test_vectors import add, unit_rows

# Every fourth at each change, all of them among the torture.
SEEDS = [pytest.param(seed, marks=[pytest.mark.torture] * (seed % 4 > 0)) for seed in range(200)]
QUESTIONS = ["Who repairs the roof?", "How much is the rent in 2021?", "pets"]
TEXTS = {
    "rent.txt": ["The tenant pays a rent of 500 each month.", "In 2021 the rent was 480.", "Rent is paid in advance."],
    "repairs.txt": ["The landlord repairs the roof.", "The tenant repairs what the tenant broke."],
    "animals.txt": ["Dogs need the consent of the landlord.", "Birds and fish do not.", "Pets stay off the roof."],
    "keys.txt": ["Three keys were handed over.", "A lost key costs 80."],
}
# Until they are merged away, tantivy counts removed passages among those that say how rare a word is.
_SAME_SCORE = 0.1
# For each question, the passages in order with their scores. Where two have about the same, either may come first.
Found = list[dict[tuple[int, str], float]]


@dataclass(frozen=True)
class Library:
    """Documents in a database and, set aside, folders with the index as it was at three moments."""

    settings: Settings
    store: Store
    embedder: Embedder
    present: Path
    earlier: Path
    foreign: Path
    expected: Found

    def found(self) -> Found:
        """What a retriever finds that has just been opened."""
        retriever = Retriever(self.settings, self.store, self.embedder)
        try:
            return _found(retriever)
        finally:
            retriever.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Made once: the tests damage copies of its folders."""
    root = tmp_path_factory.mktemp("library")
    settings = load_settings(data=root / "data")
    store = Store(settings)
    for path, texts in TEXTS.items():
        publish_passages(store, embedder, path, *texts)
    earlier = _written(settings, store, embedder, root / "earlier")
    publish_passages(store, embedder, "keys.txt", "Two keys were handed over.", "The roof has no key.")
    store.documents.delete(publish_passages(store, embedder, "gone.txt", "The rent of the roof is 1.").id)
    publish_passages(store, embedder, "new.txt", "The rent of a garage is 50 a month.")
    shutil.rmtree(settings.index_dir / "keywords")  # so that its figures do not count what is no longer there
    present = _written(settings, store, embedder, root / "present")
    foreign = _of_another_installation(root, embedder)
    retriever = Retriever(settings, store)
    expected = _found(retriever)
    retriever.close()
    yield Library(settings, store, embedder, present, earlier, foreign, expected)
    store.close()


def _of_another_installation(root: Path, embedder: Embedder) -> Path:
    settings = load_settings(data=root / "foreign data")
    store = Store(settings)
    for path in TEXTS:
        publish_passages(store, embedder, path, *[f"Of {path} something else, {n}." for n in range(3)])
    made = _written(settings, store, embedder, root / "foreign")
    store.close()
    return made


def _written(settings: Settings, store: Store, embedder: Embedder, kept: Path) -> Path:
    """Bring the index up to date with a snapshot of vectors in it, and keep a copy."""
    indexer = LocalIndexer(settings, store)
    assert indexer.try_own()
    indexer.catch_up()
    indexer.close()
    folder = settings.index_dir / "vectors"
    vectors = LiveVectors(folder, store, embedder.name)
    for change in changes_after(store, vectors.sequence):
        vectors.take(change)
    vectors.add_all()
    snapshots.save(folder, vectors.index, vectors.sequence, embedder.name)
    shutil.copytree(settings.index_dir, kept)
    return kept


def _found(retriever: Retriever) -> Found:
    results = [retriever.search(OPERATOR, question).hits for question in QUESTIONS]
    return [{(hit.passage.id, hit.passage.text): hit.score for hit in hits} for hits in results]


Corruption = Callable[[Library, Path, random.Random], None]


def _some_file(folder: Path, choose: random.Random) -> Path:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "owner.lock"]
    return choose.choice(files)


def truncated(library: Library, folder: Path, choose: random.Random) -> None:
    """A file ends too early."""
    path = _some_file(folder, choose)
    data = path.read_bytes()
    path.write_bytes(data[: choose.randrange(len(data))] if data else b"")


def bit_flipped(library: Library, folder: Path, choose: random.Random) -> None:
    """One bit of a file is another one."""
    path = _some_file(folder, choose)
    data = bytearray(path.read_bytes()) or bytearray(1)
    data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
    path.write_bytes(data)


def zeroed(library: Library, folder: Path, choose: random.Random) -> None:
    """A part of a file is zeros, as after a power cut."""
    path = _some_file(folder, choose)
    data = bytearray(path.read_bytes()) or bytearray(1)
    start = choose.randrange(len(data))
    length = choose.randrange(1, 4096)
    data[start : start + length] = bytes(len(data[start : start + length]))
    path.write_bytes(data)


def lengthened(library: Library, folder: Path, choose: random.Random) -> None:
    """A file goes on after its end."""
    with _some_file(folder, choose).open("ab") as stream:
        stream.write(choose.randbytes(choose.randrange(1, 100)))


def deleted(library: Library, folder: Path, choose: random.Random) -> None:
    """A file or a folder is not there."""
    path = choose.choice(sorted(path for path in folder.rglob("*") if path.name != "owner.lock"))
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def swapped(library: Library, folder: Path, choose: random.Random) -> None:
    """A file comes from another moment or another installation."""
    mine = _some_file(folder, choose)
    others = choose.choice([library.earlier, library.foreign])
    same = [path for path in sorted(others.rglob("*")) if path.is_file() and path.suffix == mine.suffix]
    if same:
        shutil.copyfile(choose.choice(same), mine)
    else:
        mine.unlink()


def older(library: Library, folder: Path, choose: random.Random) -> None:
    """The vectors, the keywords or both are those of an earlier moment."""
    _put_back(library.earlier, folder, choose)


def of_another_installation(library: Library, folder: Path, choose: random.Random) -> None:
    """The vectors, the keywords or both are whole, but of other documents."""
    _put_back(library.foreign, folder, choose)


def _put_back(source: Path, folder: Path, choose: random.Random) -> None:
    for part in choose.choice([["vectors"], ["keywords"], ["vectors", "keywords"]]):
        shutil.rmtree(folder / part)
        shutil.copytree(source / part, folder / part)


def of_another_dimension(library: Library, folder: Path, choose: random.Random) -> None:
    """The newest snapshot is whole, but its vectors are shorter."""
    index = VectorIndex()
    add(index, "d", unit_rows(choose.randrange(1, 50), 1), 1)
    snapshots.save(folder / "vectors", index, library.store.changes.latest(), library.embedder.name)


def of_another_model(library: Library, folder: Path, choose: random.Random) -> None:
    """The newest snapshot is whole, but another model made it."""
    index = VectorIndex()
    add(index, "d", unit_rows(choose.randrange(1, 50), 1), 1)
    snapshots.save(folder / "vectors", index, library.store.changes.latest(), "another model")


def edited(library: Library, folder: Path, choose: random.Random) -> None:
    """A manifest says something else."""
    path = choose.choice(sorted(folder.rglob(MANIFEST)))
    manifest = read_manifest(path)
    assert manifest is not None
    name = choose.choice(sorted(manifest))
    value: object = choose.choice([None, 0, -1, 10**6, "x", "../../elsewhere", [], {}])
    if name == "sequence":
        value = choose.choice([0, 1, manifest[name] - 1, manifest[name] + 1, 10**6, "x", None])
    path.write_text(json.dumps({**json.loads(path.read_bytes()), name: value}))


KINDS: list[Corruption] = [
    truncated,
    bit_flipped,
    zeroed,
    lengthened,
    deleted,
    swapped,
    older,
    of_another_installation,
    of_another_dimension,
    of_another_model,
    edited,
]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_damage_changes_what_is_found(library: Library, seed: int) -> None:
    choose = random.Random(seed)
    corrupt = KINDS[seed % len(KINDS)]
    shutil.rmtree(library.settings.index_dir)
    shutil.copytree(library.present, library.settings.index_dir)

    corrupt(library, library.settings.index_dir, choose)

    # The second time what was mended has to be whole.
    for found in (library.found(), library.found()):
        for hits, expected in zip(found, library.expected, strict=True):
            assert hits == pytest.approx(expected, abs=_SAME_SCORE), corrupt.__name__
            ranked = [expected[hit] for hit in hits]
            assert ranked == pytest.approx(sorted(ranked, reverse=True), abs=_SAME_SCORE), corrupt.__name__
