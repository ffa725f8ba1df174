"""`archivar reindex`: changes over to another embedder, or makes the derived indexes anew."""

import os
import time

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.options import counted, json_option, print_json, with_settings
from core.settings import Settings
from core.storage.store import Store
from retrieval.reindex import Reindexed, reindex

# Who searches and uploads meanwhile goes first.
_NICENESS = 5


@click.command()
@json_option
@with_settings
def command(settings: Settings, as_json: bool) -> int:
    """Change over to the embedder that the settings name, or make the indexes anew.

    After a change of ARCHIVAR_EMBEDDER or its prefixes and pooling, every passage is embedded with the new model,
    beside the vectors that answer meanwhile; uploads and searches go on. Then the new ones take over at once in all
    running processes, and the former ones are removed. A run that was interrupted goes on where it was.

    Where the settings name the embedder that answers already, passages without vectors are embedded, and the derived
    indexes (keywords and snapshots of vectors) are made anew from the database.
    """
    began = time.monotonic()
    os.nice(_NICENESS)
    store = Store(settings)
    try:
        with _bar() as bar:
            task = bar.add_task("Passages", total=None)
            done = reindex(settings, store, lambda n, of: bar.update(task, completed=n, total=of))
    finally:
        store.close()
    seconds = round(time.monotonic() - began, 2)
    if as_json:
        print_json(
            {
                "before": done.before,
                "after": done.after,
                "documents": done.documents,
                "passages": done.passages,
                "rebuilt": done.rebuilt,
                "seconds": seconds,
            }
        )
    else:
        _print(done, seconds)
    return 0


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _print(done: Reindexed, seconds: float) -> None:
    size = f"{counted(done.documents, 'document')}, {counted(done.passages, 'passage')}"
    click.echo(f"Embedded in {seconds:.1f} s: {size}.")
    if done.before != done.after:
        click.echo(f"The vectors of {done.after} answer from now on, in place of {done.before}.")
    elif done.rebuilt:
        click.echo(f"The embedder is still {done.after}. The indexes were made anew.")
