"""`archivar quarantine`: what waits for somebody's look, why, and its release."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict

import click

from cli.options import counted, json_option, plain, print_json, with_settings
from core.places import told
from core.settings import Settings
from core.storage.quarantine import Held
from core.storage.store import Store
from core.values import OPERATOR, DocumentStatus
from core.wire import Json, document_json
from llm.moderation import reviewing
from llm.moderation.policy_file import open_policy

_AT_ONCE = 500
_SNIPPET_CHARS = 300


@click.group()
def command() -> None:
    """Look at documents that were held back, and release them."""


@command.command(name="list")
@json_option
@with_settings
def listed(settings: Settings, as_json: bool) -> int:
    """List what waits."""
    with _opened(settings) as store:
        found = list(_all(store))
    if as_json:
        print_json({"documents": [_held_json(held) for held in found]})
        return 0
    for held in found:
        click.echo(f"{held.id}  {plain(held.path)}  version {held.version}  {', '.join(held.reasons)}")
    click.echo(f"{counted(len(found), 'document')} waiting.")
    return 0


@command.command()
@click.argument("document_id")
@json_option
@with_settings
def show(settings: Settings, document_id: str, as_json: bool) -> int:
    """Show why a document waits, with the passages that are the reason."""
    with _opened(settings) as store:
        held = reviewing.waiting(store, OPERATOR, document_id)
        passages = store.passages.marked(held.version_id)
    if as_json:
        marked = [
            {"page": p.page, "place": p.place, "text": p.text, "marks": [asdict(mark) for mark in p.marks or ()]}
            for p in passages
        ]
        print_json({**_held_json(held), "marked": marked})
        return 0
    click.secho(f"{plain(held.path)}, version {held.version}: {', '.join(held.reasons)}", bold=True)
    for passage in passages:
        signals = sorted({signal for mark in passage.marks or () for signal in mark.signals})
        click.echo(f"{plain(told(passage.place, passage.page))} ({', '.join(signals)})")
        click.echo(f"   {plain(passage.text)[:_SNIPPET_CHARS]}")
    return 0


@command.command()
@click.argument("document_id")
@json_option
@with_settings
def release(settings: Settings, document_id: str, as_json: bool) -> int:
    """Let a document answer; the log of moderation has when that was."""
    with _opened(settings) as store:
        document = reviewing.release(store, open_policy(settings).policy, OPERATOR, document_id)
    if as_json:
        print_json(document_json(document))
    elif document.status is DocumentStatus.READY:
        click.echo(f"Released: {plain(document.path)} answers from now on.")
    else:
        click.echo(f"Released: {plain(document.path)} answers when it has been read again.")
    return 0


def _all(store: Store) -> Iterator[Held]:
    collections, after = store.collections.ids(), ""
    while some := store.quarantine.page(collections, after=after, limit=_AT_ONCE):
        yield from some
        after = some[-1].id


def _held_json(held: Held) -> Json:
    told_of = asdict(held)
    del told_of["version_id"]
    return {**told_of, "added_at": held.added_at.isoformat()}


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    with closing(Store(settings)) as store:
        yield store
