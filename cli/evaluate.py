"""`archivar evaluate`: golden questions in, measures out."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from cli.narrowing import Narrowed, narrowing
from cli.options import json_option, print_json, with_settings
from core.settings import Settings
from llm.evaluation import evaluate
from llm.services import Services


@click.command()
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@narrowing(needs_collection=True)
@json_option
@with_settings
def command(settings: Settings, questions: Path, narrowed: Narrowed, as_json: bool) -> int:
    """Measure retrieval and answers with golden questions."""
    services = Services(settings)
    try:
        within = narrowed(services.store)
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("Questions", total=None)
            measures = evaluate(
                services, questions, within, lambda done, total: bar.update(task, completed=done, total=total)
            )
    finally:
        services.close()
    if as_json:
        print_json(measures)
        return 0
    for name, value in measures.items():
        click.echo(f"{name:20} {value}")
    return 0
