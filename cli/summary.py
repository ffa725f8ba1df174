"""`archivar summary`: the runs of summaries that were asked for on pages, over REST and by schedules."""

from dataclasses import asdict

import click

from cli.options import counted, json_option, plain, print_json, with_settings
from cli.runs import delivered
from cli.summarise import print_summary
from core.deliveries import Channel, DeliveryState
from core.settings import Settings
from core.storage.store import Store
from core.values import JobState
from core.wire import Json, summary_json
from workers.delivery.telling import delivery_told
from workers.runs import runs_told

_MOST = 200


@click.group()
def command() -> None:
    """Look at runs of summaries: list, show, deliver and remove them."""


@command.command("list")
@click.option("--schedule", "schedule_id", metavar="ID", help="Only those of this schedule.")
@json_option
@with_settings
def list_all(settings: Settings, schedule_id: str | None, as_json: bool) -> int:
    """List the latest runs of everybody, the last one first."""
    store = Store(settings)
    try:
        told = runs_told(store, store.summaries.of_owner(None, schedule_id=schedule_id, limit=_MOST))
    finally:
        store.close()
    if as_json:
        print_json({"summaries": told})
        return 0
    for one in told:
        _show(one)
    if not told:
        click.echo("There are no runs. Ask for one on the page Summaries, or run a schedule.")
    return 0


@command.command()
@click.argument("run_id", metavar="ID")
@json_option
@with_settings
def show(settings: Settings, run_id: str, as_json: bool) -> int:
    """Show how far a run and its deliveries are, and what it says."""
    store = Store(settings)
    try:
        run = store.summaries.get(run_id)
        [told] = runs_told(store, [run])
    finally:
        store.close()
    if as_json:
        said = summary_json(run.result, run.request.options.template) if run.result is not None else None
        changes = [asdict(one) for one in run.changes] if run.changes is not None else None
        print_json({**told, "summary": said, "changes": changes})
        return 0
    _show(told)
    if run.result is not None:
        click.echo()
        print_summary(run.result)
    return 0


@command.command()
@click.argument("run_id", metavar="ID")
@click.argument("channel", type=click.Choice([one.value for one in Channel]))
@json_option
@with_settings
def deliver(settings: Settings, run_id: str, channel: str, as_json: bool) -> int:
    """Deliver a run's report again in one of its ways, and say how that went."""
    store = Store(settings)
    try:
        store.summaries.get(run_id)
        store.deliveries.repeat(run_id, Channel(channel))
        sent = next(one for one in delivered(settings, store, run_id) if one.wish.channel == channel)
    finally:
        store.close()
    told = delivery_told(sent)
    if as_json:
        print_json(told)
    else:
        _show_delivery(told)
    return 0 if sent.state is DeliveryState.DELIVERED else 1


@command.command()
@click.argument("run_id", metavar="ID")
@json_option
@with_settings
def remove(settings: Settings, run_id: str, as_json: bool) -> int:
    """Remove a run with what it says and its deliveries; its schedule goes on, and what has arrived stays."""
    store = Store(settings)
    try:
        store.summaries.delete(run_id)
    finally:
        store.close()
    if as_json:
        print_json({"id": run_id, "removed": True})
    else:
        click.echo(f"Removed: {run_id}")
    return 0


def _show(told: Json) -> None:
    click.secho(plain(told["title"]) or "Untitled", bold=True)
    click.echo(f"  {told['id']}")
    why = f": {plain(told['error']['message'])}" if told["error"] is not None else ""
    documents = counted(told["progress"]["total"], "document")
    click.echo(f"  {told['created_at']}  {JobState(told['state'])}, {documents}{why}")
    for one in told["deliveries"]:
        _show_delivery(one)


def _show_delivery(told: Json) -> None:
    where = ", ".join(told["to"] or ()) or told["url"] or ""
    after = f"; next attempt {told['next_attempt']}" if told["attempts"] and told["next_attempt"] else ""
    why = f": {plain(told['error']['message'])}" if told["error"] is not None else ""
    click.echo(f"  {' '.join(filter(None, [told['channel'], plain(where)]))}: {told['state']}{after}{why}")
