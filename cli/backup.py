"""`archivar backup`: everything that must not be lost, as of one moment, in one file."""

from pathlib import Path

import click

from cli.options import counted, json_option, print_json, with_settings
from cli.progress import bar
from core.settings import Settings
from core.storage.backup import BackupMade, back_up
from core.storage.store import Store


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@with_settings
def command(settings: Settings, file: Path, as_json: bool) -> int:
    """Write everything that must not be lost to a new FILE, while people go on working.

    It holds documents and what was read from them, accounts, answers and the moderation log, and hashes of sessions and
    API keys: keep it as safe as the data folder. Settings, models and indexes are not in it.
    """
    store = Store(settings)
    try:
        with bar("Files") as report:
            made = back_up(store, file.absolute(), report)
    finally:
        store.close()
    if as_json:
        print_json(
            {
                "path": str(made.path),
                "bytes": made.size,
                "rows": made.rows,
                "files": made.files,
                "missing": list(made.missing),
                "deleted": list(made.deleted),
                "seconds": round(made.seconds, 2),
            }
        )
    else:
        _print(made)
    return 1 if made.missing else 0


def _print(made: BackupMade) -> None:
    size = f"{made.size / 1e6:,.1f} MB: {counted(made.files, 'file')}, {counted(made.rows, 'row')}"
    click.echo(f"{made.path} holds {size}.")
    if made.deleted:
        click.echo(f"Deleted meanwhile, and not to come back from it: {counted(len(made.deleted), 'document')}.")
    for sha256 in made.missing:
        click.secho(f"Gone or damaged here, so not in it: the stored file {sha256}. Run doctor.", fg="red")
