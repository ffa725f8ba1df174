"""`archivar receipts`: what was deleted here, and the key by which receipts are checked."""

import json

import click

from cli.options import json_option, plain, print_json, with_settings
from core.settings import Settings
from core.storage.store import Store
from core.wire import signed_receipt_json
from workers.remains import Remains

_MOST = 1000


@click.command()
@click.argument("receipt_id", required=False)
@json_option
@with_settings
def command(settings: Settings, receipt_id: str | None, as_json: bool) -> int:
    """List the receipts of the latest deletions, or print one for `verify-receipt`."""
    store = Store(settings)
    try:
        if receipt_id is not None:
            click.echo(
                json.dumps(signed_receipt_json(store.receipts.complete(receipt_id, Remains(settings, store))), indent=1)
            )
            return 0
        store.receipts.complete_all(Remains(settings, store))
        receipts, key = store.receipts.page(limit=_MOST), store.receipts.public_key()
    finally:
        store.close()
    if as_json:
        print_json({"public_key": key, "receipts": [signed_receipt_json(one) for one in receipts]})
        return 0
    click.echo(f"Public key: {key}")
    for one in receipts:
        state = "clean" if one.body.get("clean") else "remains"
        click.echo(
            f"{one.id}  {one.body['deleted_at']}  {state}  {plain(one.body.get('filename') or one.body['collection'])}"
        )
    return 0
