"""`archivar export`: an answer or a conversation as Markdown, with its sources."""

from collections.abc import Mapping
from typing import Any

import click

from cli.options import with_settings
from cli.replay import reader_of
from core.errors import NotFound
from core.exchanges import Exchange
from core.settings import Settings
from core.storage.store import Store
from llm.export import Words, answer_markdown, conversation_markdown
from llm.records import readable


@click.command()
@click.argument("answer_id")
@click.option("--conversation", "whole", is_flag=True, help="All of the conversation that the answer belongs to.")
@with_settings
def command(settings: Settings, answer_id: str, whole: bool) -> int:
    """Print an answer with its sources as Markdown."""
    store = Store(settings)
    try:
        exchange = store.answers.of_anyone(answer_id)
        if whole and exchange.conversation_id is not None:
            exchanges = store.answers.exchanges(exchange.conversation_id, user_id=exchange.user_id)
            text = conversation_markdown([(one, _answer(store, one)) for one in exchanges], Words())
        else:
            text = answer_markdown(exchange, _answer(store, exchange), Words())
    finally:
        store.close()
    click.echo(text, nl=False)
    return 0


def _answer(store: Store, exchange: Exchange) -> Mapping[str, Any] | None:
    """The answer as long as whoever asked may read what it cites."""
    try:
        return readable(store, reader_of(store, exchange), exchange.answer)
    except NotFound:
        return None
