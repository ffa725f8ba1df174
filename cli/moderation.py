"""`archivar moderation`: what was decided, whether the log is whole, and the policy in force."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from cli.options import counted, json_option, plain, print_json, with_settings
from core.settings import Settings
from core.storage.chain import Decided
from core.storage.store import Store
from core.values import OPERATOR
from core.wire import Json
from llm.moderation.categories import Action, Point
from llm.moderation.opening import open_moderator
from llm.moderation.records import COLUMNS, decided_json, looked_at
from llm.moderation.reviewing import RELEASE

# Spreadsheets take cells that begin so for formulas.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ACTIONS = ["allow", *(action.value for action in Action if action is not Action.OFF), RELEASE]


@click.group()
def command() -> None:
    """Look at what moderation decided, and at its policy."""


@command.command()
@click.option("--point", type=click.Choice([point.value for point in Point]), help="Only decisions made there.")
@click.option("--category", metavar="CATEGORY", help="Only decisions about it, such as S10.")
@click.option("--action", type=click.Choice(_ACTIONS), help="Only decisions with this action.")
@click.option("--before", type=click.IntRange(min=1), help="Only decisions with smaller numbers.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Most to show.")
@json_option
@with_settings
def log(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    point: str | None,
    category: str | None,
    action: str | None,
    before: int | None,
    limit: int,
    as_json: bool,
) -> int:
    """Show decisions, the newest first."""
    with _opened(settings) as store:
        found = store.decisions.page(before=before, limit=limit, point=point, category=category, action=action)
        asked = {"point": point, "category": category, "action": action, "before": before, "limit": limit}
        store.decisions.append([looked_at(OPERATOR, "command", asked)])
    if as_json:
        print_json({"decisions": [decided_json(decided) for decided in found]})
        return 0
    for decided in found:
        click.echo(_line(decided))
    if not found:
        click.echo("Nothing was decided.")
    return 0


@command.command()
@json_option
@with_settings
def verify(settings: Settings, as_json: bool) -> int:
    """Check that no decision was changed, added or removed."""
    with _opened(settings) as store:
        chain = store.decisions.verify()
    told: Json = {
        "ok": not chain.trouble,
        "decisions": chain.rows,
        "removed": chain.removed,
        "erased": chain.erased,
        "head": chain.head,
        "trouble": chain.trouble,
    }
    if as_json:
        print_json(told)
    else:
        click.echo(f"{counted(chain.rows, 'decision')}, {chain.removed} removed by age, last hash {chain.head}")
        if chain.erased:
            click.echo(f"{counted(chain.erased, 'excerpt')} erased with documents that were deleted.")
        click.echo(chain.trouble or "The log is whole. Keep the last hash elsewhere to prove it later.")
    return 1 if chain.trouble else 0


@command.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; stdout without.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@with_settings
def export(settings: Settings, output: Path | None, form: str) -> int:
    """Write out all decisions, the oldest first; no cell of the CSV is taken for a formula."""
    with _opened(settings) as store, _target(output) as file:
        store.decisions.append([looked_at(OPERATOR, "export", {"format": form})])
        lines = (decided_json(decided) for decided in store.decisions.all())
        for text in _csv(lines) if form == "csv" else _jsonl(lines):
            file.write(text)
    return 0


@command.command()
@json_option
@with_settings
def policy(settings: Settings, as_json: bool) -> int:
    """Show which policy is in force, and what is wrong with the file that should be."""
    with _opened(settings) as store, closing(open_moderator(settings, store)) as moderator:
        told: Json = {
            "version": moderator.policy.label,
            "source": moderator.source,
            "detector": moderator.detector,
            "guard": moderator.guard or None,
            "trouble": moderator.trouble,
        }
    if as_json:
        print_json(told)
    else:
        for name, value in told.items():
            click.echo(f"{name:9} {plain(str(value or 'none'))}")
    return 1 if told["trouble"] else 0


def _line(decided: Decided) -> str:
    entry = decided.entry
    when = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    about = " ".join(filter(None, [entry.category, str(entry.detail.get("kind", ""))]))
    parts = [f"{decided.number:>8}", when, f"{entry.action:6}", f"{entry.point:10}", f"{entry.score:.3f}", about]
    if decided.erased_at is not None:
        when = datetime.fromtimestamp(decided.erased_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        parts.append(f"[excerpt erased {when} with document {decided.erased_for}]")
    return "  ".join([*parts, plain(entry.excerpt)]).rstrip()


def _csv(lines: Iterable[Json]) -> Iterator[str]:
    yield _row(COLUMNS)
    for line in lines:
        yield _row([_cell(line[column]) for column in COLUMNS])


def _row(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return buffer.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def _jsonl(lines: Iterable[Json]) -> Iterator[str]:
    for line in lines:
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _target(output: Path | None) -> "nullcontext[IO[str]] | IO[str]":
    return output.open("w", encoding="utf-8", newline="") if output is not None else nullcontext(sys.stdout)


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    with closing(Store(settings)) as store:
        yield store
