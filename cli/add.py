"""`archivar add`: files and folders into a collection, read and searchable when the command ends."""

import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.ingestion import Ingestion, bring_up_to_date
from cli.interruption import Interruption
from cli.options import counted, json_option, plain, print_json, with_settings
from cli.sources import Source, sources
from core.errors import ArchivarError, Conflict, InvalidRequest, NotFound
from core.names import clean_path
from core.settings import Settings
from core.storage.collections import collection_name
from core.storage.documents import OnConflict
from core.storage.store import Store
from core.storage.tags import clean_tags
from core.values import FINAL_JOB_STATES, Document, DocumentStatus, Failure, Job, JobState, Upload
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
@json_option
@with_settings
def command(
    settings: Settings,
    paths: tuple[Path, ...],
    collection: str,
    on_conflict: str,
    tags: tuple[str, ...],
    as_json: bool,
) -> int:
    """Add files and folders to a collection and wait until they are read.

    Files of a folder go by their path below it; hidden files and links in it are left out. A path that does not exist
    is reported like a document that failed, and the others are added all the same.
    """
    began = time.monotonic()
    interruption = Interruption()
    store = Store(settings)
    try:
        with Ingestion(settings, store) as ingestion, _Display() as display:
            shelf = _Shelf(store, collection, "keep_both" if on_conflict == "keep-both" else "version", tags)
            added = list(_store_all(sources(paths), shelf, ingestion, display))
            ingestion.wait(display.show, interruption.check)
            if ingestion.submitted:
                bring_up_to_date(settings, store)
        rows = [_row(store, one) for one in added]
    finally:
        store.close()
    seconds = round(time.monotonic() - began, 2)
    if as_json:
        print_json({"documents": rows, "seconds": seconds})
    else:
        _print(rows, seconds)
    return 0 if all(row["status"] == DocumentStatus.READY for row in rows) else 1


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


class _Display:
    """Bars on stderr: all documents, and each that is being read with its stage."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._all = self._progress.add_task("Documents", total=0)

    def __enter__(self) -> "_Display":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def expect(self, job_id: str, name: str) -> None:
        """A document more."""
        self._names[job_id] = plain(name)
        self._progress.update(self._all, total=len(self._names))

    def show(self, jobs: Sequence[Job]) -> None:
        """Draw how the jobs stand."""
        self._progress.update(self._all, completed=sum(job.state in FINAL_JOB_STATES for job in jobs))
        for job in jobs:
            if job.state is JobState.RUNNING:
                text = f"{self._names[job.id]}: {job.progress.stage}"
                bar = self._bars.get(job.id)
                if bar is None:
                    bar = self._bars[job.id] = self._progress.add_task(text, total=None)
                self._progress.update(
                    bar, description=text, completed=job.progress.done, total=job.progress.total or None
                )
            elif job.id in self._bars:
                self._progress.remove_task(self._bars.pop(job.id))


def _store_all(files: Iterator[Source], shelf: _Shelf, ingestion: Ingestion, display: _Display) -> Iterator[Added]:
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
        "error": failure_json(error),
    }


def _now(store: Store, added: Added) -> tuple[Document | None, Failure | None]:
    if added.upload is None:
        return None, added.error
    try:
        document = store.documents.get(added.upload.document.id)
    except NotFound:
        return None, Failure("not_found", "The document was deleted while it was being read.")
    return document, document.error


def _print(rows: Sequence[Json], seconds: float) -> None:
    for row in rows:
        if row["error"] is not None:
            click.secho(f"{row['status']}: {plain(row['path'])}: {plain(row['error']['message'])}", fg="red")
            continue
        warnings = f" ({', '.join(row['warnings'])})" if row["warnings"] else ""
        size = f"{counted(row['pages'], 'page')}, {counted(row['passages'], 'passage')}"
        click.echo(f"{row['status']}, {row['change']}: {plain(row['path'])}: {size}{warnings}")
    click.echo(f"{counted(len(rows), 'document')} in {seconds:.1f} s.")
