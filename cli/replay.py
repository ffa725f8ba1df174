"""`archivar replay`: ask again what was asked, and show what differs now."""

from collections.abc import Mapping
from typing import Any

import click

from cli.options import counted, json_option, plain, print_json, with_settings
from core.errors import NotSignedIn
from core.exchanges import Exchange
from core.settings import Settings
from core.storage.store import Store
from core.values import OPERATOR, Reader
from llm.replaying import replay
from llm.services import Services

_PASSAGES = {
    "gone": "in documents that are gone or closed",
    "changed": "no longer in their document",
    "left": "still there, but not found",
    "new": "not found before",
}


@click.command()
@click.argument("answer_id")
@json_option
@with_settings
def command(settings: Settings, answer_id: str, as_json: bool) -> int:
    """Ask again what an answer was given to, with the rights its reader has now, and show what differs."""
    services = Services(settings)
    try:
        exchange = services.store.answers.of_anyone(answer_id)
        result = replay(services.assistant, services.store, reader_of(services.store, exchange), exchange)
    finally:
        services.close()
    if as_json:
        print_json(result)
    else:
        _print(result)
    return 0


def reader_of(store: Store, exchange: Exchange) -> Reader:
    """Who asked, with the rights of this moment; nobody may read anything who is suspended or gone."""
    if exchange.user_id is None:
        return OPERATOR
    try:
        return store.people.reader_of(exchange.user_id)
    except NotSignedIn:
        return Reader(exchange.user_id)


def _print(result: Mapping[str, Any]) -> None:
    click.echo(plain(result["question"]))
    if result["question_understood"]:
        click.echo(f"Understood as: {plain(result['question_understood'])}")
    for name, when in (("before", result["asked_at"]), ("now", "now")):
        told = result[name]
        click.secho(f"\n{name.capitalize()} ({when}, {told['model']}, {told['status']})", bold=True)
        click.echo(plain(told["answer"] or "Withdrawn: it cites what is gone or closed."))
    click.echo()
    click.echo(f"Differs: {', '.join(result['differs']) or 'nothing'}")
    for state, meaning in _PASSAGES.items():
        if passages := result["passages"][state]:
            places = ", ".join(f"{one['document_id']} page {one['page']}" for one in passages)
            click.echo(f"{counted(len(passages), 'passage')} {meaning}: {places}")
