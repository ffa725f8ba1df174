"""`archivar user`: accounts, and the links that sign people in."""

import click

from cli.installation import sign_in_link
from cli.options import json_option, print_json, with_settings
from core.settings import Settings
from core.storage.store import Store
from core.values import InstallationRole, User


@click.group()
def command() -> None:
    """Manage accounts."""


@command.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.value for role in InstallationRole]), required=True, help="Rights in general."
)
@json_option
@with_settings
def add(settings: Settings, email: str, role: str, as_json: bool) -> int:
    """Create an account and show its one-time sign-in link."""
    store = Store(settings)
    try:
        user = store.people.add(email, InstallationRole(role))
        _show(user, sign_in_link(settings, store.people, user.id), as_json)
    finally:
        store.close()
    return 0


@command.command()
@click.argument("email")
@json_option
@with_settings
def link(settings: Settings, email: str, as_json: bool) -> int:
    """Show a new one-time sign-in link for an account."""
    store = Store(settings)
    try:
        user = store.people.by_email(email)
        _show(user, sign_in_link(settings, store.people, user.id), as_json)
    finally:
        store.close()
    return 0


def _show(user: User, sign_in: str, as_json: bool) -> None:
    if as_json:
        print_json({"id": user.id, "email": user.email, "sign_in_link": sign_in})
    else:
        click.echo(sign_in)
