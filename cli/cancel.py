"""`archivar cancel`: documents that wait or are being read are read no further."""

import click

from cli.options import json_option, plain, print_json, with_settings
from core.settings import Settings
from core.storage.store import Store
from core.wire import document_json


@click.command()
@click.argument("document_ids", metavar="DOCUMENT...", nargs=-1, required=True)
@json_option
@with_settings
def command(settings: Settings, document_ids: tuple[str, ...], as_json: bool) -> int:
    """Stop reading documents, whoever reads them; each has to be known by its id.

    A document that was read before stays as it was. Any other says that it was cancelled, and can be read again.
    """
    store = Store(settings)
    try:
        for document_id in document_ids:
            document = store.documents.get(document_id)
            if document.job_id is not None:
                store.jobs.cancel(document.job_id)
        documents = [store.documents.get(document_id) for document_id in document_ids]
    finally:
        store.close()
    if as_json:
        print_json({"documents": list(map(document_json, documents))})
    for document in [] if as_json else documents:
        click.echo(f"{document.status.value}: {plain(document.path)}")
    return 0
