"""`archivar doctor`: files = rows = passages = vectors = keywords, and repairs where they are not."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass

import click

from cli.ingestion import Ingestion
from cli.options import json_option, plain, print_json, with_settings
from core.errors import EmbedderMissing
from core.settings import Settings
from core.storage.store import Store
from core.wire import Json
from llm import duties
from retrieval.embedders.recipes import agreed, notice
from retrieval.index.indexer import Indexer
from retrieval.index.opening import open_indexer

# Uploads under way look like leftovers; none takes this long.
_LEFTOVER_SECONDS = 3600
_OWNER_SECONDS = 3.0
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not belong together; `subject` is a hash, an id or a name."""

    kind: str
    subject: str
    message: str


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended from the database and the stored files.")
@json_option
@with_settings
def command(settings: Settings, repair: bool, as_json: bool) -> int:
    """Check that files, rows, passages, vectors and keywords belong together."""
    store = Store(settings)
    try:
        with closing(open_indexer(settings, store)) as indexer:
            owned = indexer.try_own()
            left = found = list(problems(settings, store, indexer, owned=owned))
            if repair and found:
                _repair(settings, store, indexer if owned else None, found)
                left = list(problems(settings, store, indexer, owned=owned))
            sound = not any(problem.kind == "index" for problem in left)
            totals = _totals(settings, store, indexer if sound else None)
    finally:
        store.close()
    warnings = duties.eu_warnings(settings)
    repaired = [problem for problem in found if problem not in left]
    if as_json:
        print_json(
            {
                "ok": not left,
                "totals": totals,
                "problems": [asdict(problem) for problem in left],
                "repaired": [asdict(problem) for problem in repaired],
                "warnings": warnings,
            }
        )
    else:
        _print(totals, left, repaired, warnings)
    return 1 if left else 0


def problems(settings: Settings, store: Store, indexer: Indexer, *, owned: bool) -> Iterator[Problem]:
    """Everything that does not belong together."""
    yield from _files(store)
    if said := notice(settings, store):
        yield Problem("embedder", settings.embedder, said)
    for version_id in store.inspection.miscounted(_answering(settings, store)):
        yield Problem("miscounted", version_id, "Its passages or vectors are not as many as they should be.")
    for text in _index(indexer, owned):
        yield Problem("index", text.partition(":")[0], text)


def _answering(settings: Settings, store: Store) -> str:
    try:
        return agreed(settings, store).name
    except EmbedderMissing:
        return ""  # nothing was ever embedded


def _files(store: Store) -> Iterator[Problem]:
    wanted, stored = store.inspection.files(), set(store.files.all())
    for sha256 in sorted(wanted):
        if sha256 not in stored:
            yield Problem("missing_file", sha256, _of(store, sha256, "is gone. Add it again under the same path."))
        elif not store.files.is_intact(sha256):
            yield Problem("damaged_file", sha256, _of(store, sha256, "has changed. Repair, then add it again."))
    for sha256 in sorted(stored - wanted):
        yield Problem("orphan_file", sha256, "No document needs this stored file.")
    for path in store.files.leftovers():
        if path.exists() and time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            yield Problem("leftover", path.name, "An upload was cut off and left this behind.")


def _of(store: Store, sha256: str, trouble: str) -> str:
    return f"The stored file of {store.inspection.path_of(sha256)!r} {trouble}"


def _index(indexer: Indexer, owned: bool) -> Sequence[str]:
    """What the index lacks; a running server gets a moment to write what has just changed."""
    deadline = time.monotonic() + (0 if owned else _OWNER_SECONDS)
    while (found := indexer.check()) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return found


def _repair(settings: Settings, store: Store, indexer: Indexer | None, found: Sequence[Problem]) -> None:
    with Ingestion(settings, store) as ingestion:
        for problem in found:
            _mend(store, ingestion, problem)
        ingestion.wait(lambda _jobs: None)
    damaged = any(problem.kind == "index" for problem in found)
    if indexer is None and damaged:
        click.echo("A running server owns the index. Stop it, then repair again.", err=True)
    elif indexer is not None:
        _ = indexer.rebuild() if damaged else indexer.catch_up()


def _mend(store: Store, ingestion: Ingestion, problem: Problem) -> None:
    match problem.kind:
        case "orphan_file":
            store.documents.drop_file(problem.subject)
        case "damaged_file":
            # Gone rather than wrong, so that the same bytes can take the place again.
            store.files.remove(problem.subject)
        case "leftover":
            {path.name: path for path in store.files.leftovers()}[problem.subject].unlink(missing_ok=True)
        case "miscounted":
            if job_id := store.documents.read_again(problem.subject):
                ingestion.submit(job_id)


def _totals(settings: Settings, store: Store, sound_index: Indexer | None) -> Json:
    totals = store.inspection.totals()
    return {
        "documents": totals.documents,
        "versions": totals.versions,
        "files": totals.files,
        "passages": totals.published_passages,
        "vectors": store.inspection.vectors(_answering(settings, store)),
        "keywords": sound_index.passages() if sound_index else None,
    }


def _print(totals: Json, left: Sequence[Problem], repaired: Sequence[Problem], warnings: Sequence[str]) -> None:
    for name, value in totals.items():
        click.echo(f"{name:10} {'unknown' if value is None else format(value, ','):>12}")
    for problem in repaired:
        click.secho(f"repaired: {problem.kind}: {plain(problem.subject)}", fg="green")
    for problem in left:
        click.secho(f"{problem.kind}: {plain(problem.subject)}: {plain(problem.message)}", fg="red")
    for warning in warnings:
        click.secho(f"Warning: {plain(warning)}", fg="yellow")
    click.echo("Something is wrong." if left else "All is well.")
