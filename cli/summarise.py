"""`archivar summarise`: what one document says, or all of a collection, with citations."""

import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from cli.options import counted, json_option, plain, print_json, with_settings
from cli.summary_templates import with_template
from core.errors import ArchivarError
from core.filters import Filter
from core.places import told
from core.scans import remark
from core.settings import Settings
from core.summaries import Length, Summary, SummaryOptions
from core.values import OPERATOR
from core.wire import summary_json
from llm.services import Services
from llm.summaries import Estimate
from llm.summaries.notices import AUDIENCE_IGNORED, EXTRACTIVE, LANGUAGE_IGNORED


@click.command()
@click.option("--collection", "name", metavar="NAME", help="All documents of this collection.")
@click.option("--document", "document_ids", metavar="ID", multiple=True, help="This document; repeatable.")
@click.option(
    "--template",
    default="executive",
    show_default=True,
    metavar="NAME",
    help="executive, key_figures, obligations, risks, changes, or the title or id of an own one.",
)
@click.option(
    "--length",
    type=click.Choice([length.value for length in Length]),
    default=Length.MEDIUM.value,
    show_default=True,
    help="About 5, 10 or 20 statements.",
)
@click.option("--focus", default="", metavar="TEXT", help="Only what concerns this.")
@click.option("--language", default="", metavar="CODE", help="Language to write in, such as en; needs a Llama.")
@click.option("--audience", default="", metavar="TEXT", help="Whom it is written for; needs a Llama.")
@click.option("--dry-run", is_flag=True, help="Only say what it would take.")
@json_option
@with_settings
def command(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    name: str | None,
    document_ids: tuple[str, ...],
    template: str,
    length: str,
    focus: str,
    language: str,
    audience: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Summarise a document, or every document of a collection and all of them together, with citations."""
    if (name is None) == (not document_ids):
        raise click.UsageError("Give either a collection or documents: --collection NAME, or --document ID.")
    options = SummaryOptions(template, Length(length), audience, language, focus)
    services = Services(settings)
    try:
        options = with_template(services.store, options, None)
        ids = document_ids if name is None else _documents(services, name)
        if dry_run:
            _print_estimate(services.summariser.estimate(OPERATOR, ids, options), as_json=as_json)
            return 0
        parts, failed = _each(services, ids, options)
        if not parts:
            raise failed[0][1]
        summary = parts[0][1] if len(ids) == 1 else services.summariser.many(OPERATOR, parts, options)
    finally:
        services.close()
    if as_json:
        errors = [{"document_id": one, "code": error.code, "message": error.message} for one, error in failed]
        told = summary_json(summary, options.template)
        print_json({**told, "failed": errors} if len(ids) > 1 else told)
    else:
        print_summary(summary)
    return 1 if failed else 0


def _documents(services: Services, name: str) -> tuple[str, ...]:
    """The documents of a collection that can be summarised, by their paths."""
    collection = services.store.collections.by_name(name)
    ids = services.store.documents.answering(Filter(collections=(collection.id,)))
    if not ids:
        raise click.UsageError(f"The collection {name} has no document that has been read.")
    return tuple(sorted(ids, key=services.store.documents.filenames(ids).__getitem__))


def _each(
    services: Services, ids: Sequence[str], options: SummaryOptions
) -> tuple[list[tuple[str, Summary]], list[tuple[str, ArchivarError]]]:
    """The summary of each document, and those that could not be summarised, each with the reason."""
    if len(ids) == 1:
        return [(ids[0], services.summariser.document(OPERATOR, ids[0], options))], []
    parts: list[tuple[str, Summary]] = []
    failed: list[tuple[str, ArchivarError]] = []
    with click.progressbar(ids, label="Summarising", file=sys.stderr) as waiting:
        for document_id in waiting:
            try:
                parts.append((document_id, services.summariser.document(OPERATOR, document_id, options)))
            except ArchivarError as error:
                failed.append((document_id, error))
    for document_id, why in failed:
        click.echo(f"{document_id}: {why.message}", err=True)
    return parts, failed


def _print_estimate(estimate: Estimate, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(estimate))
        return
    click.echo(f"{counted(estimate.documents, 'document')}, {counted(estimate.pages, 'page')}")
    if estimate.tokens:
        click.echo(f"About {estimate.tokens:,} tokens for the language model to read")
    if estimate.seconds is not None:
        click.echo(f"About {max(1, round(estimate.seconds)):,} seconds")


def print_summary(summary: Summary) -> None:
    """What a summary says, for people to read."""
    heading = ""
    for statement in summary.statements:
        if statement.heading != heading:
            heading = statement.heading
            click.secho(plain(heading), bold=True)  # an empty line, where what follows has no heading
        marks = "".join(f"[{n}]" for n in statement.citations)
        click.echo(f"- {plain(statement.text)} {marks}".rstrip())
    if not summary.statements:
        click.echo("There is nothing to summarise.")
    notices = {notice.code for notice in summary.notices}
    if summary.citations:
        click.echo()
    for citation in summary.citations:
        place = told(citation.place, citation.page) + remark(citation.scan_confidence)
        click.echo(f"[{citation.n}] {plain(citation.filename)}, {plain(place)}")
        if EXTRACTIVE not in notices:
            click.echo(f"    “{plain(citation.quote)}”")
    for code, words in _NOTICES.items():
        if code in notices:
            click.echo(words, err=True)


_NOTICES = {
    EXTRACTIVE: "Quoted from the documents: no language model is set.",
    LANGUAGE_IGNORED: "Without a language model the sentences stay in their documents' language.",
    AUDIENCE_IGNORED: "Without a language model nothing is written for an audience.",
}
