"""Libraries of any size for benchmarks: real documents, and copies of them with other figures, names and lines.

Written through the store as a worker writes them, so that nothing differs from an installation but the texts.
"""

import re
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from core.settings import ROOT, Settings, child_environment, load_settings
from core.storage.store import Store
from core.values import Document, Page, ParsedDocument, Passage, PassageDraft, Reading
from retrieval.embedders.bundled import DIMENSIONS, NAME
from retrieval.index.opening import open_indexer

Rows = NDArray[np.float32]
COLLECTION = "Bench"
_DATABASE = "archivar.sqlite3"
# Copies lie so far from what they are copied from that none is another's neighbour by right: a cosine of about 0.9.
_JITTER = 0.025
_FIGURE = re.compile(r"\d{2,}")
_NAME = re.compile(r"\b[A-Z][a-z]{3,}\b")
_RENAMED_IN = 3
_PAGE_OF_DOCUMENTS = 100


@dataclass(frozen=True)
class Original:
    """A document that was really read and embedded."""

    document: Document
    pages: Sequence[Page]
    passages: Sequence[Passage]
    vectors: Rows
    codes: Sequence[bytes]


def library(corpus: Path, passages: int, work: Path) -> Settings:
    """Settings of a data folder under `work` with about so many passages, made unless it is there.

    `corpus` is a folder of documents, or the data folder of an installation.
    """
    settings = load_settings(data=work / f"library-{passages}")
    done = settings.data / "complete"
    if not done.exists():
        _write(settings, originals(corpus, work), passages)
        done.touch()
    _index(settings)
    return settings


def originals(corpus: Path, work: Path) -> list[Original]:
    """The documents of the corpus, read and embedded."""
    data = corpus if (corpus / _DATABASE).exists() else work / f"read-{zlib.crc32(str(corpus.resolve()).encode()):08x}"
    settings = load_settings(data=data)
    if data != corpus and not (data / _DATABASE).exists():
        command = [sys.executable, "archivar", "add", str(corpus.resolve()), "--collection", COLLECTION]
        subprocess.run(command, cwd=ROOT, env=child_environment(settings), check=False)
    store = Store(settings)
    found = [
        _original(store, document, version, vectors)
        for document in documents(store)
        if (version := document.version_id) and len(vectors := _stored(store, version))
    ]
    store.close()
    if not found:
        raise SystemExit(f"There is nothing to read in {corpus}.")
    return found


def copies(originals: Sequence[Original], passages: int) -> Iterator[tuple[int, Original, Rows]]:
    """Which copy of which document the library holds, in order, and the fp32 vectors of its passages."""
    made = 0
    for number in count():
        for original in originals:
            if made >= passages:
                return
            yield number, original, jittered(original, number)
            made += len(original.passages)


def jittered(original: Original, number: int) -> Rows:
    """Unit vectors for a copy: near the real ones, those of copy 0 themselves."""
    if number == 0:
        return original.vectors
    seed = zlib.crc32(original.document.id.encode())
    noise = np.random.default_rng([seed, number]).standard_normal(original.vectors.shape, np.float32)
    rows = original.vectors + _JITTER * noise
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def path_of(original: Original, number: int) -> str:
    """The path of a copy in its library."""
    return f"{number:04d}/{original.document.path}" if number else original.document.path


def documents(store: Store, name: str = "") -> Iterator[Document]:
    """All documents, or those of the collection of this name."""
    for collection in store.collections.page(store.collections.ids()):
        if name and collection.name != name:
            continue
        after = ""
        while page := store.documents.page(collection.id, after=after, limit=_PAGE_OF_DOCUMENTS):
            yield from page
            after = page[-1].id


def _original(store: Store, document: Document, version: str, vectors: Rows) -> Original:
    passages = store.passages.of_version(version)
    codes = store.token_codes.of(NAME, [passage.id for passage in passages])
    ordered = [codes.get(passage.id, b"") for passage in passages]
    return Original(document, store.passages.pages(version), passages, vectors, ordered)


def _stored(store: Store, version_id: str) -> Rows:
    blob = store.passages.vectors(version_id, NAME) or b""
    return np.frombuffer(blob, "<f2").reshape(-1, DIMENSIONS).astype(np.float32)


def _write(settings: Settings, originals: Sequence[Original], passages: int) -> None:
    store = Store(settings)
    collection = store.collections.create(COLLECTION).id
    with Progress() as shown:
        task = shown.add_task(f"Writing {passages:,} passages", total=passages)
        for number, original, vectors in copies(originals, passages):
            _publish(store, collection, original, number, vectors)
            shown.advance(task, len(original.passages))
    store.close()


def _index(settings: Settings) -> None:
    store = Store(settings)
    indexer = open_indexer(settings, store)
    if not indexer.try_own():
        raise SystemExit(f"Another process works on {settings.data}.")
    indexer.catch_up()
    indexer.close()
    store.close()


def _publish(store: Store, collection: str, original: Original, number: int, vectors: Rows) -> None:
    staged = store.files.stage(BytesIO(f"{number} {original.document.id}".encode()))
    upload = store.documents.add(collection, path_of(original, number), staged)
    lease = store.jobs.lease("ingest", upload.job_id)
    if lease is None:
        raise SystemExit("The new library is being worked on by another process.")
    reading = _varied(original, number)
    blob = vectors.astype("<f2").tobytes()
    codes = original.codes  # of words that differ a little, which makes them no slower to read
    store.passages.publish(lease, upload.document.version_id, reading, embedder=NAME, vectors=blob, codes=codes)


def _varied(original: Original, number: int) -> Reading:
    chance = Random(f"{original.document.id} {number}")
    pages = tuple(replace(page, text=_other(page.text, number, chance)) for page in original.pages)
    drafts = tuple(
        PassageDraft(
            passage.page,
            passage.start,
            passage.end,
            _other(passage.text, number, chance),
            _other(passage.heading, number, chance),
            passage.boxes,
            marks=passage.marks,
        )
        for passage in original.passages
    )
    title = _other(original.document.title, number, chance)
    return Reading("application/pdf", ParsedDocument(title, pages), drafts, original.passages[0].language)


def _other(text: str, number: int, chance: Random) -> str:
    """The text with other figures, other names and two lines exchanged; copy 0 is as it was."""
    if number == 0:
        return text
    text = _FIGURE.sub(lambda found: str(chance.randrange(10 ** len(found.group()))), text)
    lines = _NAME.sub(lambda found: _renamed(found.group(), number), text).split("\n")
    if len(lines) > 1:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _renamed(name: str, number: int) -> str:
    """Some names, the same ones within a copy, with their letters in another order."""
    drawn = zlib.crc32(f"{name} {number}".encode())
    if drawn % _RENAMED_IN:
        return name
    letters = list(name.lower())
    Random(drawn).shuffle(letters)
    return "".join(letters).capitalize()
