"""`archivar schedule`: summaries again and again. When they are due, and what runs say, is decided in `workers`."""

from dataclasses import replace
from datetime import UTC, datetime

import click

from cli.options import counted, json_option, plain, print_json, with_settings
from cli.runs import finished
from cli.summary_templates import with_template
from core.deliveries import Channel, DeliveryState, Format, Wish
from core.errors import NotFound
from core.settings import Settings
from core.storage.store import Store
from core.summaries import CatchUp, Length, Schedule, SummaryOptions, SummaryRequest
from core.values import JobState
from core.wire import Json
from llm.summaries.asking import checked_options
from workers import cron as crons
from workers.delivery import wishes
from workers.delivery.telling import delivery_told
from workers.delivery.words import LANGUAGES
from workers.schedules import schedule_told

_PAGE = 200


@click.group()
def command() -> None:
    """Summarise again and again: list, add, pause, resume, run and remove schedules."""


@command.command("list")
@json_option
@with_settings
def list_all(settings: Settings, as_json: bool) -> int:
    """List all schedules."""
    store = Store(settings)
    try:
        told = [schedule_told(store, one) for one in _everything(store)]
    finally:
        store.close()
    if as_json:
        print_json({"schedules": told})
        return 0
    for one in told:
        _show(one)
    if not told:
        click.echo("There are no schedules. Add one: ./archivar schedule add --help")
    return 0


@command.command()
@click.argument("name")
@click.option("--cron", required=True, metavar="FIELDS", help="Minute, hour, day of month, month, day of week.")
@click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="Such as Europe/Berlin.")
@click.option("--collection", metavar="NAME", help="All documents of this collection.")
@click.option("--document", "document_ids", metavar="ID", multiple=True, help="This document; repeatable.")
@click.option("--template", default="executive", show_default=True, metavar="NAME", help="As for `summarise`.")
@click.option("--length", type=click.Choice([one.value for one in Length]), default="medium", show_default=True)
@click.option("--focus", default="", metavar="TEXT", help="Only what concerns this.")
@click.option("--language", default="", metavar="CODE", help="Language to write in, such as en; needs a Llama.")
@click.option("--audience", default="", metavar="TEXT", help="Whom it is written for; needs a Llama.")
@click.option("--catch-up", type=click.Choice([one.value for one in CatchUp]), default="one", show_default=True)
@click.option("--mail-to", metavar="ADDRESS", multiple=True, help="Send each report there; repeatable.")
@click.option("--webhook", default="", metavar="URL", help="Post each report there.")
@click.option("--folder", is_flag=True, help="Write each report to ARCHIVAR_DELIVERY_FOLDER.")
@click.option("--format", "form", type=click.Choice([one.value for one in Format]), help="Of reports.")
@click.option("--words", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of reports.")
@click.option("--user", "email", metavar="EMAIL", help="Whose schedule it is, with that person's rights.")
@json_option
@with_settings
def add(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    name: str,
    cron: str,
    timezone: str,
    collection: str | None,
    document_ids: tuple[str, ...],
    template: str,
    length: str,
    focus: str,
    language: str,
    audience: str,
    catch_up: str,
    mail_to: tuple[str, ...],
    webhook: str,
    folder: bool,
    form: str | None,
    words: str,
    email: str | None,
    as_json: bool,
) -> int:
    """Add a schedule. Without --user it is the operator's and may read everything."""
    if (collection is None) == (not document_ids):
        raise click.UsageError("Give either a collection or documents: --collection NAME, or --document ID.")
    if not name.strip() or len(name) > 200:
        raise click.UsageError("A name has 1 to 200 characters.")
    options = SummaryOptions(template, Length(length), audience, language, focus)
    checked_options(options)
    expression = crons.checked(cron, timezone)
    store = Store(settings)
    try:
        owner = store.people.by_email(email).id if email is not None else None
        # What an own template says is looked up at each run.
        options = replace(options, template=with_template(store, options, owner).template)
        within = store.collections.by_name(collection).id if collection is not None else None
        for document_id in document_ids:
            store.documents.get(document_id)
        wanted = _wishes(mail_to, webhook, folder, form, words)
        schedule = store.schedules.add(
            owner=owner,
            name=plain(name),
            cron=expression,
            timezone=timezone,
            request=SummaryRequest(options, within, document_ids),
            delivery=wishes.checked(settings, store, owner, wanted),
            catch_up=CatchUp(catch_up),
            next_at=crons.next_after(expression, timezone, datetime.now(UTC)),
        )
        _tell(schedule_told(store, schedule), as_json=as_json)
    finally:
        store.close()
    return 0


@command.command()
@click.argument("schedule")
@json_option
@with_settings
def pause(settings: Settings, schedule: str, as_json: bool) -> int:
    """Pause a schedule, named by its id or its name."""
    return _pause(settings, schedule, True, as_json)


@command.command()
@click.argument("schedule")
@json_option
@with_settings
def resume(settings: Settings, schedule: str, as_json: bool) -> int:
    """Let a paused schedule go on; what was due meanwhile is not made up for."""
    return _pause(settings, schedule, False, as_json)


@command.command()
@click.argument("schedule")
@json_option
@with_settings
def remove(settings: Settings, schedule: str, as_json: bool) -> int:
    """Remove a schedule; what it has written stays."""
    store = Store(settings)
    try:
        found = _found(store, schedule)
        store.schedules.delete(found.id)
    finally:
        store.close()
    if as_json:
        print_json({"id": found.id, "removed": True})
    else:
        click.echo(f"Removed: {plain(found.name)}")
    return 0


@command.command()
@click.argument("schedule")
@json_option
@with_settings
def run(settings: Settings, schedule: str, as_json: bool) -> int:
    """Run a schedule now, wait until it has ended, and deliver what it says."""
    store = Store(settings)
    try:
        run_id = store.schedules.run_now(_found(store, schedule))
        job = finished(settings, store, run_id)
        sent = store.deliveries.of_run(run_id)
    finally:
        store.close()
    if as_json:
        error = {"code": job.error.code, "message": job.error.message} if job.error is not None else None
        told = [delivery_told(one) for one in sent]
        print_json({"id": run_id, "state": job.state, "result": job.result, "error": error, "deliveries": told})
    else:
        said = f": {job.error.message}" if job.error is not None else ""
        click.echo(f"{job.state}, {counted(job.progress.total, 'document')}{said}")
        for one in sent:
            why = f": {one.error.message}" if one.error is not None else ""
            click.echo(f"{one.wish.channel}: {one.state}{why}")
    arrived = all(one.state is DeliveryState.DELIVERED for one in sent)
    return 0 if job.state is JobState.DONE and arrived else 1


def _wishes(mail_to: tuple[str, ...], webhook: str, folder: bool, form: str | None, words: str) -> list[Wish]:
    found = []
    if mail_to:
        found.append(Wish(Channel.EMAIL, Format(form or Format.HTML), mail_to, language=words))
    if webhook:
        found.append(Wish(Channel.WEBHOOK, Format(form or Format.JSON), url=webhook, language=words))
    if folder:
        found.append(Wish(Channel.FOLDER, Format(form or Format.MARKDOWN), language=words))
    return found


def _everything(store: Store) -> list[Schedule]:
    found: list[Schedule] = []
    while some := store.schedules.of_owner(None, after=found[-1].id if found else "", limit=_PAGE):
        found += some
    return found


def _found(store: Store, wanted: str) -> Schedule:
    """The schedule with this id or, if it is the only one, this name. Raises `NotFound`."""
    found = [one for one in _everything(store) if wanted in {one.id, one.name}]
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise click.UsageError(f"Several schedules have this name; use one of the ids: {ids}")
    if not found:
        raise NotFound("There is no such schedule. `./archivar schedule list` shows all of them.")
    return found[0]


def _pause(settings: Settings, wanted: str, paused: bool, as_json: bool) -> int:
    store = Store(settings)
    try:
        found = _found(store, wanted)
        following = None if paused else crons.next_after(found.cron, found.timezone, datetime.now(UTC))
        if found.paused != paused:
            found = store.schedules.change(found.id, next_at=following, paused=paused)
        _tell(schedule_told(store, found), as_json=as_json)
    finally:
        store.close()
    return 0


def _tell(told: Json, *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        _show(told)


def _show(told: Json) -> None:
    click.secho(plain(told["name"]), bold=True)
    click.echo(f"  {told['id']}")
    click.echo(f"  {told['in_words']} ({told['timezone']}); next: {told['next_run'] or 'paused'}")
    if told["delivery"]:
        click.echo(f"  goes out by {', '.join(told['delivery'])}")
    if (last := told["last_run"]) is not None:
        sent = "".join(f"; {one['channel']} {one['state']}" for one in last["deliveries"])
        click.echo(f"  last: {last['finished_at']} {last['state']}{sent}")
