"""`archivar add`: files and folders into a collection, read and searchable when the command ends."""

import stat
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from cli.freshness import bring_up_to_date
from cli.ingestion import Ingestion
from cli.interruption import Interruption
from cli.mirroring import Mirror, Removal
from cli.options import counted, json_option, plain, print_json, with_settings
from cli.reading_display import Display
from cli.rehearsal import rehearsed
from cli.sources import Source, sources
from core.errors import ArchivarError, Conflict, InvalidRequest, NotFound
from core.names import clean_path
from core.settings import Settings
from core.storage.collections import collection_name
from core.storage.documents import OnConflict
from core.storage.store import Store
from core.storage.tags import clean_tags
from core.values import Document, DocumentStatus, Failure, Upload
from core.wire import Json, failure_json

_UNFINISHED = frozenset({DocumentStatus.QUEUED, DocumentStatus.PROCESSING})


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file: an upload, or the reason why there is none."""

    path: str
    upload: Upload | None = None
    error: Failure | None = None


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--collection", metavar="NAME", required=True, help="Where to; created when there is none of that name.")
@click.option(
    "--on-conflict",
    type=click.Choice(["version", "keep-both"]),
    default="version",
    show_default=True,
    help="What other bytes under a known path are: its next version, or a document of their own.",
)
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Add this tag to each document; repeatable.")
@click.option(
    "--remove-missing",
    is_flag=True,
    help="Then delete the documents of the collection that are not in the folder; it takes one folder.",
)
@click.option("--dry-run", is_flag=True, help="Only list what would be added, changed and removed.")
@json_option
@with_settings
def command(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    paths: tuple[Path, ...],
    collection: str,
    on_conflict: str,
    tags: tuple[str, ...],
    remove_missing: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Add files and folders to a collection and wait until they are read.

    Files of a folder go by their path below it; hidden files and links in it are left out, and so is the data folder.
    A path that does not exist is reported like a document that failed, and the others are added all the same.

    With --remove-missing the collection mirrors one folder: what was added before and is not there any more is
    deleted, each document with its receipt. Nothing is removed where the folder is empty or cannot be read.
    """
    began = time.monotonic()
    if any(path.resolve() == settings.data.resolve() for path in paths):
        raise InvalidRequest("This is Archivar's own data folder. Keep your documents in another one.")
    if remove_missing and on_conflict != "version":
        raise InvalidRequest("--remove-missing goes with new versions only: a document kept beside has no file.")
    interruption = Interruption()
    store = Store(settings)
    try:
        mirror = Mirror(store, collection, paths) if remove_missing else None
        found = list(sources(paths, [settings.data]))
        if dry_run:
            rows = list(rehearsed(store, collection, found, keep_both=on_conflict == "keep-both"))
            return _rehearse(rows, mirror.look(found) if mirror else None, as_json=as_json)
        with Ingestion(settings, store) as ingestion, Display() as display:
            shelf = _Shelf(store, collection, "keep_both" if on_conflict == "keep-both" else "version", tags)
            added = list(_store_all(found, shelf, ingestion, display))
            ingestion.wait(display.show, interruption.check)
        asks = sys.stdin.isatty() and not as_json
        removal = mirror.remove(found, _may_remove if asks else lambda _: True) if mirror else None
        if ingestion.submitted or (removal and removal.removed):
            bring_up_to_date(settings, store)
        rows = [_row(store, one) for one in added]
    finally:
        store.close()
    seconds = round(time.monotonic() - began, 2)
    if as_json:
        print_json({"documents": rows, **_missing_json(removal), "seconds": seconds})
    else:
        _print(rows, removal, seconds)
    return 0 if all(row["status"] == DocumentStatus.READY for row in rows) and not (removal and removal.error) else 1


class _Shelf:
    """Puts files into the collection. Raises `InvalidRequest` for a name or tags that cannot be."""

    def __init__(self, store: Store, collection: str, on_conflict: OnConflict, tags: Sequence[str]) -> None:
        self._store = store
        self._name = collection_name(collection)
        self._on_conflict = on_conflict
        self._tags = clean_tags(tags)
        self._taken: dict[str, str] = {}

    @cached_property
    def _collection_id(self) -> str:
        try:
            return self._store.collections.by_name(self._name).id
        except NotFound:
            return self._store.collections.create(self._name).id

    def put(self, source: Source) -> Upload:
        """Store one file. Raises `NotFound`, `InvalidRequest`, `TooLarge`, `StorageFull`, `Conflict` or `OSError`."""
        if source.error is not None:
            raise source.error
        if not source.file.exists():
            raise NotFound("There is no such file or folder.")
        if not stat.S_ISREG(source.file.stat().st_mode):
            raise InvalidRequest("This is neither a file nor a folder.")
        path = clean_path(source.path)
        with source.file.open("rb") as stream:
            staged = self._store.files.stage(stream)
        if self._on_conflict == "version" and self._taken.setdefault(path, staged.file.sha256) != staged.file.sha256:
            self._store.files.discard(staged)
            raise Conflict("Another file of this command goes by the same path. Give the folder that holds both.")
        return self._store.documents.add(
            self._collection_id, path, staged, on_conflict=self._on_conflict, tags=self._tags
        )


def _store_all(files: Sequence[Source], shelf: _Shelf, ingestion: Ingestion, display: Display) -> Iterator[Added]:
    for source in files:
        try:
            upload = shelf.put(source)
        except ArchivarError as error:
            yield Added(source.path, error=Failure(error.code, error.message))
        except OSError as error:
            yield Added(source.path, error=Failure("not_readable", error.strerror or type(error).__name__))
        else:
            # An earlier command may have been interrupted, so what is unchanged may still wait to be read.
            job_id = upload.job_id or (upload.document.job_id if upload.document.status in _UNFINISHED else None)
            if job_id is not None:
                display.expect(job_id, upload.document.path)
                ingestion.submit(job_id)
            yield Added(upload.document.path, upload)


def _row(store: Store, added: Added) -> Json:
    document, error = _now(store, added)
    return {
        "id": document.id if document else None,
        "path": added.path,
        "filename": added.path.rpartition("/")[2],
        "status": document.status.value if document else DocumentStatus.FAILED.value,
        "change": added.upload.change.value if added.upload else None,
        "pages": document.pages if document else 0,
        "passages": document.passages if document else 0,
        "warnings": list(document.warnings) if document else [],
        "error": failure_json(_held_back(document) if error is None else error),
    }


def _held_back(document: Document | None) -> Failure | None:
    if document is None or document.status is not DocumentStatus.QUARANTINED:
        return None
    return Failure("quarantined", f"It waits for a look: `archivar quarantine show {document.id}` says why.")


def _now(store: Store, added: Added) -> tuple[Document | None, Failure | None]:
    if added.upload is None:
        return None, added.error
    try:
        document = store.documents.get(added.upload.document.id)
    except NotFound:
        return None, Failure("not_found", "The document was deleted while it was being read.")
    return document, document.error


def _rehearse(rows: Sequence[Json], removal: Removal | None, *, as_json: bool) -> int:
    """Print what would happen; the exit status."""
    if as_json:
        print_json({"dry_run": True, "files": rows, **_missing_json(removal)})
    else:
        for row in rows:
            said = f"cannot be added: {row['error']['message']}" if row["error"] else row["change"]
            click.echo(f"would be {said}: {plain(row['path'])}" if row["change"] else f"{plain(row['path'])}: {said}")
        _print_removal(removal, "would be removed")
        click.echo("Nothing was changed.")
    return 1 if any(row["error"] for row in rows) or (removal and removal.error) else 0


def _may_remove(missing: Sequence[Document]) -> bool:
    for document in missing:
        click.echo(f"not in the folder: {plain(document.path)}")
    return click.confirm(f"Delete {counted(len(missing), 'document')}?")


def _missing_json(removal: Removal | None) -> Json:
    return {"missing": removal.json()} if removal is not None else {}


def _print_removal(removal: Removal | None, word: str) -> None:
    for document, _ in removal.removed if removal is not None else ():
        click.echo(f"{word}: {plain(document.path)}")
    if removal is not None and removal.error is not None:
        click.secho(plain(removal.error.message), fg="red")


def _print(rows: Sequence[Json], removal: Removal | None, seconds: float) -> None:
    for row in rows:
        if row["error"] is not None:
            click.secho(f"{row['status']}: {plain(row['path'])}: {plain(row['error']['message'])}", fg="red")
            continue
        warnings = f" ({', '.join(row['warnings'])})" if row["warnings"] else ""
        size = f"{counted(row['pages'], 'page')}, {counted(row['passages'], 'passage')}"
        click.echo(f"{row['status']}, {row['change']}: {plain(row['path'])}: {size}{warnings}")
    _print_removal(removal, "removed")
    click.echo(f"{counted(len(rows), 'document')} in {seconds:.1f} s.")
