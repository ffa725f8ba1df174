"""`archivar unlock`: the password of a locked document, asked for and not kept."""

import sys

import click

from cli.freshness import bring_up_to_date
from cli.ingestion import Ingestion
from cli.interruption import Interruption
from cli.options import json_option, plain, print_json, with_settings
from core.settings import Settings
from core.storage.store import Store
from core.values import Document, DocumentStatus
from core.wire import document_json
from workers.unlocking import unlock


@click.command()
@click.argument("document_id")
@json_option
@with_settings
def command(settings: Settings, document_id: str, as_json: bool) -> int:
    """Give a locked document its password, and wait until it is read.

    The password is asked for, or read from the first line of standard input. It is not kept; an unlocked copy of the
    file is, beside the file itself, until the document is deleted.
    """
    interruption = Interruption()
    store = Store(settings)
    try:
        locked = store.documents.get(document_id)
        queued = _unlock(settings, store, locked)
        with Ingestion(settings, store) as ingestion:
            if queued.job_id is not None:
                ingestion.submit(queued.job_id)
            ingestion.wait(lambda _: None, interruption.check)
        bring_up_to_date(settings, store)
        document = store.documents.get(document_id)
    finally:
        store.close()
    if as_json:
        print_json(document_json(document))
    else:
        error = f": {plain(document.error.message)}" if document.error is not None else ""
        click.echo(f"{document.status}: {plain(document.path)}{error}")
    return 0 if document.status is DocumentStatus.READY else 1


def _unlock(settings: Settings, store: Store, locked: Document) -> Document:
    from ingest.children import ParserPool  # noqa: PLC0415 - not needed for a document that is not there

    pool = ParserPool(settings, children=1)
    try:
        return unlock(store, pool, locked, _password(locked))
    finally:
        pool.close()


def _password(document: Document) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"Password of {plain(document.filename)}", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
