"""`archivar llm download`: a model from the hub, once its licence is accepted."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from cli.options import json_option, plain, print_json, with_settings
from core.errors import Forbidden, InvalidRequest
from core.settings import Settings
from llm import downloads, duties
from llm.catalogue import EU_CLAUSE
from llm.downloads import Download, Offer, Terms

_MOST_TOKEN_BYTES = 4096


@click.command()
@click.argument("model")
@click.option("--revision", default="", metavar="R", help="A branch, tag or commit; the newest unless told.")
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder; `models` in the data folder unless told."
)
@click.option("--accept-licence", "accepts", is_flag=True, help="You have read the licence and accept it.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with a token of the hub, for models that it gives to some people only.",
)
@json_option
@with_settings
def download(  # noqa: PLR0913 - one for each option
    settings: Settings,
    model: str,
    *,
    revision: str,
    to: Path | None,
    accepts: bool,
    token_file: Path | None,
    as_json: bool,
) -> int:
    """Fetch MODEL, a name of the catalogue or OWNER/NAME on the hub, with its licence; goes on where it stopped."""
    repository = downloads.repository_of(model)
    if warning := duties.eu_warning(settings, repository):
        _tell(f"Warning: {warning}")
    may_ask = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    terms = downloads.known_terms(repository)
    if terms is not None and not (accepts or may_ask or downloads.has_accepted(settings, repository, terms)):
        # Known without asking the hub, so that it is not asked.
        _show(repository, terms)
        raise Forbidden(_unaccepted(terms))
    token = _token(token_file)
    offer = downloads.look(settings, repository, revision, token)
    folder = downloads.folder_for(settings, repository, to)
    if not downloads.has_accepted(settings, repository, offer.terms):
        _show(repository, offer.terms)
        if not accepts and not (may_ask and click.confirm("Do you accept this licence?", err=True)):
            raise Forbidden(_unaccepted(offer.terms))
        downloads.accept(settings, offer, folder, "--accept-licence" if accepts else "asked on a terminal")
    _tell(f"{len(offer.files)} files, {offer.size / 1e9:,.1f} GB, into {folder}")
    done = _fetch(settings, offer, folder, token)
    if as_json:
        print_json(_json(done))
        return 0
    click.echo(f"{done.model} is complete and checked, in {done.folder}.\nServe it: ./archivar llm serve {done.model}")
    return 0


def _fetch(settings: Settings, offer: Offer, folder: Path, token: str) -> Download:
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Fetching", total=offer.size)
        done = downloads.fetch(settings, offer, folder, lambda size: bar.update(task, completed=size), token)
        bar.update(task, completed=offer.size)
    return done


def _show(repository: str, terms: Terms) -> None:
    _tell(f"{repository} comes under the {plain(terms.name)}:\n  {plain(terms.url)}")
    if terms.acceptable_use_url:
        _tell(f"Acceptable use policy:\n  {terms.acceptable_use_url}")
    for duty in terms.duties:
        _tell(f"- {duty}")
    if terms.eu_clause:
        _tell(f"- {EU_CLAUSE}")
    _tell("This is a summary, not legal advice: the licence counts.")


def _unaccepted(terms: Terms) -> str:
    return f"Nothing was fetched: the {plain(terms.name)} has to be accepted first. Read it, then add --accept-licence."


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _token(path: Path | None) -> str:
    if path is None:
        return ""
    with path.open("rb") as file:
        token = file.read(_MOST_TOKEN_BYTES).decode(errors="replace").strip()
    if not token or not token.isprintable() or " " in token:
        raise InvalidRequest(f"{path} does not hold a token alone, on one line.")
    return token


def _json(done: Download) -> dict[str, object]:
    return {
        "model": done.model,
        "revision": done.revision,
        "folder": str(done.folder),
        "files": done.files,
        "bytes": done.bytes,
        "licence": done.licence,
    }
