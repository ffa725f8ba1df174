"""`archivar restore`: puts a backup back, makes the indexes anew and looks whether all is well."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from cli.examination import problems
from cli.installation import Running
from cli.options import counted, json_option, plain, print_json, with_settings
from cli.progress import bar
from core.settings import Settings
from core.storage.restore import Restored, in_use, restore
from core.storage.soundness import Problem
from core.storage.store import Store
from retrieval.index.opening import open_indexer


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Replace everything that is in the installation.")
@click.option("--without-deleted", is_flag=True, help="Leave out what was deleted here since the backup was made.")
@json_option
@with_settings
def command(settings: Settings, file: Path, replace: bool, without_deleted: bool, as_json: bool) -> int:
    """Put the backup FILE into an empty installation, or in the place of the one that is there.

    The database may be of another kind than that of the backup: SQLite or PostgreSQL, as the settings say. Stop `up`
    and all other processes of the installation before.
    """
    with Running(settings):
        with bar("Backup") as report:
            restored = restore(settings, file, report, replace=replace, without_deleted=without_deleted)
        found = _renewed(settings)
    if as_json:
        print_json(
            {
                "made_at": restored.made_at,
                "rows": restored.rows,
                "files": restored.files,
                "missing": list(restored.missing),
                "returned": list(restored.returned),
                "kept_away": list(restored.kept_away),
                "problems": [asdict(problem) for problem in found],
            }
        )
    else:
        _print(restored, found)
    return 1 if found else 0


def _renewed(settings: Settings) -> list[Problem]:
    """Make the derived indexes anew; what is wrong then."""
    store = Store(settings)
    try:
        with closing(open_indexer(settings, store)) as indexer:
            if not indexer.try_own():
                raise in_use()
            indexer.rebuild()
            store.receipts.complete_all()
            return list(problems(settings, store, indexer, owned=True))
    finally:
        store.close()


def _print(restored: Restored, found: list[Problem]) -> None:
    size = f"{counted(restored.files, 'file')}, {counted(restored.rows, 'row')}"
    click.echo(f"The state of {restored.made_at} is back: {size}.")
    if restored.kept_away:
        click.echo(f"Deleted since, and not brought back: {counted(len(restored.kept_away), 'document')}.")
    if restored.returned:
        many = counted(len(restored.returned), "document")
        click.secho(f"Deleted since, and back again, as their receipts say now: {many}.", fg="yellow")
    for problem in found:
        click.secho(f"{problem.kind}: {plain(problem.subject)}: {plain(problem.message)}", fg="red")
    click.echo("Something is wrong. Run `./archivar doctor --repair`." if found else "All is well.")
