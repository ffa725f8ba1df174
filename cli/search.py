"""`archivar search`: the ranked passages for a query."""

import click

from cli.narrowing import Narrowed, narrowing
from cli.options import counted, json_option, plain, print_json, with_settings
from core.places import told
from core.results import Explanation, SearchModeration, SearchResult
from core.scans import remark
from core.settings import Settings
from core.values import OPERATOR, HitScores
from core.wire import search_json
from llm.finding import Finding

_SNIPPET_CHARS = 240


@click.command()
@click.argument("query")
@narrowing()
@click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="Most passages to show.")
@click.option("--explain", is_flag=True, help="Show where the score of each passage comes from.")
@json_option
@with_settings
def command(settings: Settings, query: str, narrowed: Narrowed, k: int, explain: bool, as_json: bool) -> int:
    """Find the passages that fit a query best."""
    services = Finding(settings)
    try:
        within = narrowed(services.store)
        result = services.searching.search(OPERATOR, query, within=within, k=k, explain=explain)
    finally:
        services.close()
    if as_json:
        print_json(search_json(result))
    else:
        _print(result)
    return 0


def _print(result: SearchResult) -> None:
    moderated = result.moderation or SearchModeration()
    if moderated.text:
        click.echo(moderated.text)
        return
    for hit in result.hits:
        passage = hit.passage
        place = plain(told(passage.place, passage.page) + remark(passage.confidence))
        click.secho(f"{hit.rank}. {plain(passage.filename)}, {place}  ({hit.score:.2f})", bold=True)
        text = plain(passage.text)
        if passage.id in moderated.marks:
            click.secho(f"   Marked by moderation: {', '.join(moderated.marks[passage.id])}", fg="yellow")
        click.echo(f"   {text[:_SNIPPET_CHARS]}{'…' if len(text) > _SNIPPET_CHARS else ''}")
        if hit.scores is not None:
            click.echo(f"   {_told(hit.scores)}")
    if result.explanation is not None:
        _print_explanation(result.explanation)
    if not result.hits:
        click.echo("Nothing found.")
    if moderated.query == "redact":
        click.echo("Parts of the query were blackened before the search.")
    if moderated.redacted:
        click.echo(f"Personal data is blackened in {counted(moderated.redacted, 'passage')}.")


def _told(scores: HitScores) -> str:
    """The parts of a score in one line; a dash where the passage is not among the best by it."""
    dense = f"{scores.dense:.3f}" if scores.dense is not None else "-"
    keyword = f"{scores.keyword:.2f}" if scores.keyword is not None else "-"
    return f"meaning {dense}, words {keyword}, document {scores.card:.2f}"


def _print_explanation(explanation: Explanation) -> None:
    for lead in explanation.leads:
        click.echo(f"Led by name: {plain(lead.filename)} ({lead.score:.2f})")
    click.echo(f"Words searched: {plain(' '.join(explanation.words))}")
