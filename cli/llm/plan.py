"""`archivar llm plan`: which cards hold a model, for how many people, and how fast."""

from typing import Any

import click
from rich import box
from rich.table import Table

from cli.llm.tables import wide_console
from cli.options import json_option, print_json, with_settings
from core.settings import Settings
from llm import plan_words, planning
from llm.planning import Option, Plan

_BILLION = 1e9


@click.command()
@click.argument("model")
@click.option("--gpu", default="", metavar="NAME", help="On this card, such as H100, or on several: 2xH100. Also CPU.")
@click.option("--memory", default=0.0, metavar="GB", help="On a card with so much memory.")
@click.option("--users", default=1, show_default=True, help="People at the same time.")
@click.option(
    "--context", "tokens", default=0, metavar="T", help="Tokens of prompt and answer for each; 8192 unless told."
)
@click.option("--quantisation", default="", metavar="Q", help="bf16, fp8 (also int8) or 4bit; all of them unless told.")
@json_option
@with_settings
def plan(settings: Settings, /, model: str, *, as_json: bool, **wishes: Any) -> int:
    """Calculate what MODEL needs: a name of the catalogue, a folder or config.json, or a model on this machine."""
    about = planning.subject(model, settings.models_dir)
    wished = planning.wish(about, **wishes)
    made = planning.plan(about, wished)
    if as_json:
        print_json(plan_words.plan_json(made))
        return 0
    click.echo(plan_words.verdict(made))
    shape = about.shape
    active = f", {shape.active / _BILLION:,.1f} billion of them active" if shape.experts else ""
    click.echo(
        f"\n{shape.total / _BILLION:,.1f} billion parameters{active} (from {about.source}); window of {about.window:,} "
        f"tokens; {shape.per_token / 1024:,.0f} KiB of keys and values a token.\n"
    )
    wide_console().print(_table(made))
    click.echo("Alone, Each (of all people at once) and Prompt are tokens a second.")
    for line in plan_words.assumptions(made):
        click.echo(line)
    return 0


def _table(made: Plan) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("Card", "Weights", "Cards", "GiB", "of", "People", "Alone", "Each", "Prompt"):
        table.add_column(name, justify="left" if name in {"Card", "Weights"} else "right", no_wrap=True)
    last = None
    for one in made.options:
        table.add_row("" if last is one.card else one.card.title, one.quantisation, *_cells(one))
        last = one.card
    return table


def _cells(one: Option) -> list[str]:
    needed = f"{one.needed / plan_words.GIBIBYTE:,.1f}"
    if not one.fits:
        return ["–", needed]
    return [
        str(one.count),
        needed,
        f"{one.available / plan_words.GIBIBYTE:,.1f}",
        f"{one.people:,}",
        f"{one.alone_rate:,.1f}",
        f"{one.each_rate:,.1f}",
        f"{one.prompt_rate:,.0f}",
    ]
