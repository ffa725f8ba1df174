"""`archivar search`: the ranked passages for a query."""

import click

from cli.options import json_option, plain, print_json, with_settings
from core.settings import Settings
from core.values import OPERATOR, SearchResult
from core.wire import search_json
from llm.services import Services

_SNIPPET_CHARS = 240


@click.command()
@click.argument("query")
@click.option("--collection", metavar="NAME", help="Search only this collection.")
@click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="Most passages to show.")
@json_option
@with_settings
def command(settings: Settings, query: str, collection: str | None, k: int, as_json: bool) -> int:
    """Find the passages that fit a query best."""
    services = Services(settings)
    try:
        collections = [services.store.collections.by_name(collection).id] if collection is not None else None
        result = services.retriever.search(OPERATOR, query, collections=collections, k=k)
    finally:
        services.close()
    if as_json:
        print_json(search_json(result))
    else:
        _print(result)
    return 0


def _print(result: SearchResult) -> None:
    for hit in result.hits:
        passage = hit.passage
        click.secho(f"{hit.rank}. {plain(passage.filename)}, page {passage.page}  ({hit.score:.2f})", bold=True)
        text = plain(passage.text)
        click.echo(f"   {text[:_SNIPPET_CHARS]}{'…' if len(text) > _SNIPPET_CHARS else ''}")
    if not result.hits:
        click.echo("Nothing found.")
