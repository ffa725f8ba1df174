"""What `doctor` looks at and how it mends: files, rows, passages, vectors, keywords, receipts and the log of decisions.

What is wrong between rows, and how that is mended, is in `core.storage.soundness` and `core.storage.testimony`.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from cli.ingestion import Ingestion
from core.errors import EmbedderMissing
from core.settings import Settings
from core.storage.restore import scratch_files
from core.storage.soundness import DAMAGED_DATABASE, Problem
from core.storage.store import Store
from retrieval.embedders.recipes import agreed, notice
from retrieval.index.indexer import Indexer
from retrieval.soundness import damaged_vectors

# Uploads under way look like leftovers; none takes this long.
_LEFTOVER_SECONDS = 3600
_OWNER_SECONDS = 3.0
_LOOK_SECONDS = 0.25
_FOLDERS = ("index-", "new-")
_CUT_OFF = "Something was cut off and left this behind."
_STRANGER = "Archivar has not put this among the stored files. Look what it is, and move it elsewhere."


def problems(settings: Settings, store: Store, indexer: Indexer, *, owned: bool) -> Iterator[Problem]:
    """Everything that does not belong together."""
    for problem in store.soundness.problems():
        yield problem
        if problem.kind == DAMAGED_DATABASE:
            return
    yield from store.testimony.problems()
    yield from _files(store)
    if said := notice(settings, store):
        yield Problem("embedder", settings.embedder, said)
    embedder = answering(settings, store)
    for version_id in store.inspection.miscounted(embedder):
        yield Problem("miscounted", version_id, "Its passages or vectors are not as many as they should be.")
    for version_id in damaged_vectors(store, embedder):
        yield Problem("damaged_vectors", version_id, "Its vectors are not what an embedder makes.")
    for text in _index(indexer, owned):
        yield Problem("index", text.partition(":")[0], text)
    for path in _leftovers(settings, store, indexer):
        yield Problem("leftover", str(path.relative_to(settings.data)), _CUT_OFF)
    for path in store.files.strangers():
        yield Problem("stranger", str(path.relative_to(settings.data)), _STRANGER)


def answering(settings: Settings, store: Store) -> str:
    """The name of the embedder whose vectors answer; empty where nothing was ever embedded."""
    try:
        return agreed(settings, store).name
    except EmbedderMissing:
        return ""


def repair(settings: Settings, store: Store, indexer: Indexer | None, found: Sequence[Problem]) -> None:
    """Mend what can be mended; without an indexer, not the index."""
    with Ingestion(settings, store) as ingestion:
        worked: set[str] = set()
        for problem in found:
            _mend(settings, store, problem)
            store.testimony.mend(problem)
            if problem.subject not in worked and (job_id := store.soundness.mend(problem)):
                worked.add(problem.subject)
                ingestion.submit(job_id)
        ingestion.wait(lambda _jobs: None)
    damaged = any(problem.kind == "index" for problem in found)
    if indexer is None and damaged:
        click.echo("A running server owns the index. Stop it, then repair again.", err=True)
    elif indexer is not None:
        _ = indexer.rebuild() if damaged else indexer.catch_up()


def _mend(settings: Settings, store: Store, problem: Problem) -> None:
    match problem.kind:
        case "orphan_file":
            store.documents.drop_file(problem.subject)
        case "damaged_file":
            # Gone rather than wrong, so that the same bytes can take the place again.
            store.files.remove(problem.subject)
        case "file_size":
            store.inspection.correct_size(problem.subject, store.files.path(problem.subject).stat().st_size)
        case "leftover":
            _remove(settings.data / problem.subject)


def _remove(path: Path) -> None:
    """Remove what Archivar itself wrote; of folders only those of an index, and nothing behind a link."""
    if path.is_symlink() or path.parent.is_symlink():
        return
    if path.is_dir() and path.name.startswith(_FOLDERS):
        shutil.rmtree(path, ignore_errors=True)
    elif path.is_file():
        path.unlink(missing_ok=True)


def _files(store: Store) -> Iterator[Problem]:
    wanted, stored = store.inspection.sizes(), set(store.files.all())
    for sha256, size in sorted(wanted.items()):
        if sha256 not in stored:
            yield Problem("missing_file", sha256, _of(store, sha256, "is gone.", "Add it again under the same path."))
        elif not store.files.is_intact(sha256):
            yield Problem("damaged_file", sha256, _of(store, sha256, "has changed.", "Repair, then add it again."))
        elif store.files.path(sha256).stat().st_size != size:
            yield Problem("file_size", sha256, _of(store, sha256, "has another size than its row says."))
    for sha256 in sorted(stored - wanted.keys()):
        yield Problem("orphan_file", sha256, "No document needs this stored file.")


def _of(store: Store, sha256: str, trouble: str, remedy: str = "") -> str:
    what = "stored file"
    if store.inspection.is_copy(sha256):
        what, remedy = "unlocked copy", remedy and "Delete the document, add it again and give its password."
    return f"The {what} of {store.inspection.path_of(sha256)!r} {trouble} {remedy}".rstrip()


def _leftovers(settings: Settings, store: Store, indexer: Indexer) -> Iterator[Path]:
    """What cut-off uploads, restores and writes of the index left an hour ago."""
    for path in [*store.files.leftovers(), *scratch_files(settings), *indexer.leftovers()]:
        if path.exists() and time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            yield path


def _index(indexer: Indexer, owned: bool) -> Sequence[str]:
    """What the index lacks; a running server gets a moment to write what has just changed."""
    deadline = time.monotonic() + (0 if owned else _OWNER_SECONDS)
    while (found := indexer.check()) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return found
