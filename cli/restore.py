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
@json_option
@with_settings
def command(settings: Settings, file: Path, replace: bool, as_json: bool) -> int:
    """Put the backup FILE into an empty installation, or in the place of the one that is there.

    The database may be of another kind than that of the backup: SQLite or PostgreSQL, as the settings say. Stop `up`
    and all other processes of the installation before.
    """
    with Running(settings):
        with bar("Backup") as report:
            restored = restore(settings, file, report, replace=replace)
        found = _renewed(settings)
    if as_json:
        print_json(
            {
                "made_at": restored.made_at,
                "rows": restored.rows,
                "files": restored.files,
                "missing": list(restored.missing),
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
            return list(problems(settings, store, indexer, owned=True))
    finally:
        store.close()


def _print(restored: Restored, found: list[Problem]) -> None:
    size = f"{counted(restored.files, 'file')}, {counted(restored.rows, 'row')}"
    click.echo(f"The state of {restored.made_at} is back: {size}.")
    for problem in found:
        click.secho(f"{problem.kind}: {plain(problem.subject)}: {plain(problem.message)}", fg="red")
    click.echo("Something is wrong. Run `./archivar doctor --repair`." if found else "All is well.")
