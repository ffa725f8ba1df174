"""`archivar doctor`: whether everything belongs together and is as it was said, and repairs where it is not."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict

import click

from cli.examination import answering, problems
from cli.examination import repair as mend
from cli.options import json_option, plain, print_json, with_settings
from core.settings import Settings
from core.storage.soundness import DAMAGED_DATABASE, Problem
from core.storage.store import Store
from core.wire import Json
from llm import duties
from retrieval.index.indexer import Indexer
from retrieval.index.opening import open_indexer


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended from the database and the stored files.")
@json_option
@with_settings
def command(settings: Settings, repair: bool, as_json: bool) -> int:
    """Check that files, rows, passages, vectors and keywords belong together, and that what was signed still holds."""
    store = Store(settings)
    try:
        with closing(open_indexer(settings, store)) as indexer:
            owned = indexer.try_own()
            left = found = list(problems(settings, store, indexer, owned=owned))
            if repair and found:
                mend(settings, store, indexer if owned else None, found)
                left = list(problems(settings, store, indexer, owned=owned))
            sound = not any(problem.kind == "index" for problem in left)
            readable = not any(problem.kind == DAMAGED_DATABASE for problem in left)
            totals = _totals(settings, store, indexer if sound else None) if readable else {}
    finally:
        store.close()
    warnings = duties.eu_warnings(settings)
    repaired = [problem for problem in found if problem not in left]
    if as_json:
        print_json(
            {
                "ok": not left,
                "totals": totals,
                "problems": [asdict(problem) for problem in left],
                "repaired": [asdict(problem) for problem in repaired],
                "warnings": warnings,
            }
        )
    else:
        _print(totals, left, repaired, warnings)
    return 1 if left else 0


def _totals(settings: Settings, store: Store, sound_index: Indexer | None) -> Json:
    totals = store.inspection.totals()
    return {
        "documents": totals.documents,
        "versions": totals.versions,
        "files": totals.files,
        "passages": totals.published_passages,
        "vectors": store.inspection.vectors(answering(settings, store)),
        "keywords": sound_index.passages() if sound_index else None,
    }


def _print(totals: Json, left: Sequence[Problem], repaired: Sequence[Problem], warnings: Sequence[str]) -> None:
    for name, value in totals.items():
        click.echo(f"{name:10} {'unknown' if value is None else format(value, ','):>12}")
    for problem in repaired:
        click.secho(f"repaired: {problem.kind}: {plain(problem.subject)}", fg="green")
    for problem in left:
        click.secho(f"{problem.kind}: {plain(problem.subject)}: {plain(problem.message)}", fg="red")
    for warning in warnings:
        click.secho(f"Warning: {plain(warning)}", fg="yellow")
    click.echo("Something is wrong." if left else "All is well.")
