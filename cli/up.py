"""`archivar up`: everything on this machine, until Ctrl-C."""

import threading
import time

import click

from cli.children import stop_signals
from cli.installation import Running, local_url, public_url, sign_in_link
from cli.options import with_settings
from cli.ports import free_port
from cli.supervisor import Supervisor
from core.errors import NotFound
from core.settings import Settings

_ADMINISTRATOR = "admin@localhost"
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 15.0


@click.command()
@click.option("--host", help="Address to listen on (ARCHIVAR_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one (ARCHIVAR_PORT).")
@with_settings
def command(settings: Settings) -> int:
    """Run everything on this machine until Ctrl-C."""
    with Running(settings) as running:
        settings = settings.model_copy(update={"host": settings.host, "port": free_port(settings.host, settings.port)})
        stopping = stop_signals()
        with Supervisor(settings, _say) as supervisor:
            supervisor.start()
            running.announce(settings.public_url or local_url(settings))
            link = _administrator_link(settings)
            if _until_ready(supervisor, stopping):
                _say(
                    f"Archivar is ready: {public_url(settings)}\n"
                    f"Sign in, once, within {settings.sign_in_link_minutes} minutes: {link}\n"
                    f"Logs are in {settings.run_dir}. Ctrl-C stops everything."
                )
                _say_what_is_unusual(settings)
            while not stopping.wait(_POLL_SECONDS * 2):
                supervisor.watch()
            _say("Stopping.")
    return 0


def _say(text: str) -> None:
    click.echo(text)


def _administrator_link(settings: Settings) -> str:
    from core.storage.store import Store  # noqa: PLC0415 - loads while the children start
    from core.values import InstallationRole  # noqa: PLC0415

    store = Store(settings)
    try:
        try:
            user = store.people.by_email(_ADMINISTRATOR)
        except NotFound:
            user = store.people.add(_ADMINISTRATOR, InstallationRole.ADMIN)
        return sign_in_link(settings, store.people, user.id)
    finally:
        store.close()


def _say_what_is_unusual(settings: Settings) -> None:
    from core.storage.store import Store  # noqa: PLC0415 - see above
    from retrieval.embedders.recipes import notice  # noqa: PLC0415

    store = Store(settings)
    try:
        if said := notice(settings, store):
            _say(said)
    finally:
        store.close()


def _until_ready(supervisor: Supervisor, stopping: threading.Event) -> bool:
    """Wait until `/readyz` agrees, saying from time to time what is missing; False when asked to stop before."""
    told_at = time.monotonic()
    while not stopping.wait(_POLL_SECONDS):
        supervisor.watch()
        missing = supervisor.not_ready()
        if missing is None:
            return True
        if time.monotonic() - told_at > _PATIENCE_SECONDS:
            told_at = time.monotonic()
            _say(f"Not ready yet: {missing}.")
    return False
