"""`archivar verify-receipt`: whether a receipt is what an installation signed, and says that nothing was left."""

from pathlib import Path

import click

from cli.options import json_option, plain, print_json
from core.receipts import is_genuine, receipt_from


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--key", metavar="HEX", help="The public key that must have signed it; see `archivar receipts`.")
@json_option
def command(file: Path, key: str | None, as_json: bool) -> int:
    """Check that the receipt in FILE is genuine and says that nothing was left. Needs no installation.

    Without --key this shows that nobody changed it since it was signed, not by whom it was.
    """
    receipt = receipt_from(file.read_text(errors="replace"))
    genuine = is_genuine(receipt) and key in {None, receipt.public_key}
    clean = bool(receipt.body.get("clean"))
    if as_json:
        print_json({"genuine": genuine, "clean": clean, "public_key": receipt.public_key, "id": receipt.id})
    else:
        gone = receipt.body.get("filename") or receipt.body.get("collection")
        name, when = plain(str(gone)), plain(str(receipt.body.get("deleted_at")))
        click.echo(f"{name}, deleted {when}, signed by {plain(receipt.public_key)}")
        click.echo("The signature is genuine." if genuine else "The signature is NOT genuine.")
        if receipt.body.get("complete") is False:
            click.echo("Not every place was looked at when it was signed; the installation has a later one.")
        click.echo("No remains were found." if clean else "Remains were found, or nobody has looked yet.")
    return 0 if genuine and clean else 1
