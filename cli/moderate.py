"""`archivar moderate`: texts in, what the moderation policy would do to them out."""

from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from cli.options import json_option, plain, print_json, with_settings
from core.settings import Settings
from llm.moderation.batch import moderate
from llm.moderation.opening import open_moderator


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@with_settings
def command(settings: Settings, file: Path, as_json: bool) -> int:
    """Judge the texts of a JSONL file as the moderation policy would."""
    with closing(open_moderator(settings)) as moderator, Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Texts", total=None)
        told = moderate(moderator, file, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        print_json(told)
        return 0
    for result in told["results"]:
        categories = " ".join(result["categories"])
        click.echo(f"{result['action']:7} {result['score']:.3f}  {plain(result['id'])}  {categories}".rstrip())
    return 0
