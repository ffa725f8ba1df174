"""`archivar evaluate`: golden questions in, measures out."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from cli.options import json_option, print_json, with_settings
from core.settings import Settings
from llm.evaluation import evaluate
from llm.services import Services


@click.command()
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--collection", metavar="NAME", required=True, help="Collection that holds the evidence.")
@json_option
@with_settings
def command(settings: Settings, questions: Path, collection: str, as_json: bool) -> int:
    """Measure retrieval and answers with golden questions."""
    services = Services(settings)
    try:
        collection_id = services.store.collections.by_name(collection).id
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("Questions", total=None)
            measures = evaluate(
                services, questions, collection_id, lambda done, total: bar.update(task, completed=done, total=total)
            )
    finally:
        services.close()
    if as_json:
        print_json(measures)
        return 0
    for name, value in measures.items():
        click.echo(f"{name:20} {value}")
    return 0
