"""`archivar llm list`: the catalogue of the Llama family as a table."""

import click
from rich import box
from rich.table import Table

from cli.llm.tables import wide_console
from cli.options import json_option, print_json, with_settings
from core.settings import Settings
from llm import catalogue as family
from llm import catalogue_words, local_models

_NARROW = 120


@click.command("list")
@json_option
@with_settings
def catalogue(settings: Settings, *, as_json: bool) -> int:
    """List the Llama family: sizes, windows, languages, licences and the cards that hold them."""
    here = {
        one.repository
        for one in family.entries()
        if one.repository and local_models.downloaded(one.repository, settings.models_dir) is not None
    }
    if as_json:
        print_json({"models": [catalogue_words.entry_json(one, one.repository in here) for one in family.entries()]})
        return 0
    console = wide_console()
    narrow = console.width < _NARROW
    generation, table = "", _table(narrow)
    for one in family.entries():
        if one.generation != generation:
            generation = one.generation
            table.add_section()
        parts = catalogue_words.row(one)
        mark = "* " if one.repository in here else ""
        if narrow:
            table.add_row(f"{mark}{one.name}", parts.total, parts.window, parts.recommended)
            continue
        table.add_row(
            f"{mark}{one.name}",
            parts.parameters,
            parts.window,
            parts.kinds,
            parts.recommended,
            parts.languages,
            one.released,
        )
    console.print(table)
    click.echo(
        "* was downloaded here. Licences, places on the hub and duties: --json. What fits: archivar llm plan MODEL"
    )
    return 0


def _table(narrow: bool) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    more = () if narrow else ("Languages", "Released")
    for name in ("Model", "Parameters", "Window", *(() if narrow else ("Kind",)), "Recommended", *more):
        table.add_column(name, justify="right" if name in {"Parameters", "Window"} else "left", no_wrap=True)
    return table
