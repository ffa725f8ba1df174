"""`archivar key`: API keys, shown once."""

import click

from cli.options import json_option, print_json, with_settings
from core.settings import Settings
from core.storage.people import Credential
from core.storage.store import Store


@click.group()
def command() -> None:
    """Manage API keys."""


@command.command()
@click.option("--user", "email", metavar="EMAIL", required=True, help="Whose rights the key carries.")
@json_option
@with_settings
def create(settings: Settings, email: str, as_json: bool) -> int:
    """Create an API key; it is shown this once."""
    store = Store(settings)
    try:
        key = store.people.issue(store.people.by_email(email).id, Credential.API_KEY)
    finally:
        store.close()
    if as_json:
        print_json({"key": key})
    else:
        click.echo(key)
    return 0
