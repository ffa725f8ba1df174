"""`archivar reprocess`: documents are read again with the current program."""

import time
from collections.abc import Sequence

import click

from cli.freshness import bring_up_to_date
from cli.ingestion import Ingestion
from cli.interruption import Interruption
from cli.mirroring import documents_of
from cli.options import counted, json_option, plain, print_json, with_settings
from cli.reading_display import Display
from core.errors import ArchivarError, NotFound
from core.settings import Settings
from core.storage.store import Store
from core.values import Failure, JobState
from core.wire import Json, failure_json


@click.command()
@click.argument("document_ids", metavar="[DOCUMENT]...", nargs=-1)
@click.option("--collection", metavar="NAME", help="Every document of this collection that is ready or failed.")
@json_option
@with_settings
def command(settings: Settings, document_ids: tuple[str, ...], collection: str | None, as_json: bool) -> int:
    """Read documents again with the current program and wait until that is done.

    DOCUMENT is an id, as `add --json` prints it. What was read before answers until the new reading takes its place.
    One that cannot be read any more stays as it was, with a warning.
    """
    if (collection is None) == (not document_ids):
        raise click.UsageError("Give either documents or a collection: DOCUMENT..., or --collection NAME.")
    began = time.monotonic()
    interruption = Interruption()
    store = Store(settings)
    try:
        with Ingestion(settings, store) as ingestion, Display() as display:
            refused = _submit(store, document_ids, collection, ingestion, display)
            ingestion.wait(display.show, interruption.check)
            if ingestion.submitted:
                bring_up_to_date(settings, store)
        rows = [_row(store, job_id) for job_id in ingestion.submitted] + refused
    finally:
        store.close()
    seconds = round(time.monotonic() - began, 2)
    if as_json:
        print_json({"documents": rows, "seconds": seconds})
    else:
        _print(rows, seconds)
    return 1 if any(row["error"] for row in rows) else 0


def _submit(
    store: Store, document_ids: Sequence[str], collection: str | None, ingestion: Ingestion, display: Display
) -> list[Json]:
    """Queue all of them and begin; a row for each that cannot be read again."""
    refused: list[Json] = []
    jobs: list[str] = []
    if collection is not None:
        store.rereading.collection(store.collections.by_name(collection).id)
        # Those under way already are waited for, too.
        jobs = [one.job_id for one in documents_of(store, collection) if one.in_progress and one.job_id]
    for document_id in dict.fromkeys(document_ids):
        try:
            # Where it is under way already, that is waited for.
            jobs.append(store.rereading.document(document_id) or store.documents.get(document_id).job_id or "")
        except ArchivarError as error:
            refused.append(_refused(document_id, Failure(error.code, error.message)))
    versions = {job.id: store.documents.version(job.target) for job in store.jobs.several(jobs)}
    for job_id, version in versions.items():
        display.expect(job_id, version.filename if version is not None else job_id)
        ingestion.submit(job_id)
    return refused


def _refused(document_id: str, error: Failure) -> Json:
    nothing: Json = {"path": None, "status": None, "pages": 0, "passages": 0, "warnings": []}
    return {"id": document_id, **nothing, "error": failure_json(error)}


def _row(store: Store, job_id: str) -> Json:
    job = store.jobs.get(job_id)
    version = store.documents.version(job.target)
    try:
        document = store.documents.get(version.document_id if version is not None else "")
    except NotFound:
        return _refused(version.document_id if version is not None else job.target, Failure("not_found", "Deleted."))
    error = job.error or document.error
    if error is None and job.state is JobState.CANCELLED:
        error = Failure("cancelled", "Reading was cancelled.")
    return {
        "id": document.id,
        "path": document.path,
        "status": document.status.value,
        "pages": document.pages,
        "passages": document.passages,
        "warnings": list(document.warnings),
        "error": failure_json(error),
    }


def _print(rows: Sequence[Json], seconds: float) -> None:
    for row in rows:
        name = plain(row["path"] or row["id"])
        if row["error"] is not None:
            click.secho(f"{row['status'] or 'not read'}: {name}: {plain(row['error']['message'])}", fg="red")
        else:
            size = f"{counted(row['pages'], 'page')}, {counted(row['passages'], 'passage')}"
            click.echo(f"{row['status']}: {name}: {size}")
    click.echo(f"{counted(len(rows), 'document')} in {seconds:.1f} s.")
