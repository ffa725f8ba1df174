"""`archivar ask`: one question, one cited answer."""

import click

from cli.narrowing import Narrowed, narrowing
from cli.options import json_option, plain, print_json, with_settings
from core.places import told
from core.scans import remark
from core.settings import Settings
from core.values import OPERATOR, Answer
from core.wire import answer_json
from llm.services import Services


@click.command()
@click.argument("question")
@narrowing()
@json_option
@with_settings
def command(settings: Settings, question: str, narrowed: Narrowed, as_json: bool) -> int:
    """Answer a question from the documents, with citations."""
    services = Services(settings)
    try:
        answer = services.assistant.answer(OPERATOR, question, within=narrowed(services.store))
    finally:
        services.close()
    if as_json:
        print_json(answer_json(answer))
    else:
        _print(answer)
    return 0


def _print(answer: Answer) -> None:
    for sentence in answer.sentences:
        marks = "".join(f"[{n}]" for n in sentence.citations)
        click.echo(f"{plain(sentence.text)} {marks}".rstrip())
    if not answer.sentences:
        click.echo(plain(answer.answer))
    if answer.citations:
        click.echo()
    for citation in answer.citations:
        place = told(citation.place, citation.page) + remark(citation.scan_confidence)
        click.secho(f"[{citation.n}] {plain(citation.filename)}, {plain(place)}", bold=True)
        click.echo(f"    “{plain(citation.quote)}”")
