"""A report as blocks in their order, which `rendering` writes as Markdown or HTML. All text in them is plain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.names import shown
from core.summaries import Difference, Statement, Summary
from core.values import Citation, Failure, Verdict
from llm.summaries.notices import AUDIENCE_IGNORED, EXTRACTIVE, LANGUAGE_IGNORED
from llm.summaries.quoting import MODEL
from workers.delivery.reports import Report
from workers.delivery.words import Words, headings, why

# Whoever wants to read more than this looks at the page, or takes JSON.
_MOST_CHANGES = 300
_MOST_STATEMENTS = 1_000


class Kind(StrEnum):
    """What a block is."""

    TITLE = "title"
    HEADING = "heading"
    SUBHEADING = "subheading"
    TEXT = "text"
    ITEM = "item"
    SOURCE = "source"
    LINK = "link"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Block:
    """Some text. `label` stands before and `mark` after it; the address of a link, or a source's quote, is `more`."""

    kind: Kind
    text: str
    label: str = ""
    mark: str = ""
    more: str = ""


def title(report: Report, words: Words) -> str:
    """What a report is called."""
    return shown(report.title) or words.summary


def told(at: datetime) -> str:
    """A moment with its time zone."""
    return at.strftime("%Y-%m-%d %H:%M %Z")


def blocks(report: Report, words: Words) -> Iterator[Block]:
    """The whole report."""
    yield Block(Kind.TITLE, title(report, words))
    yield Block(Kind.TEXT, words.written % {"at": told(report.written_at), "documents": report.documents})
    if report.failure is not None:
        yield from _failure(report, report.failure, words)
    yield from _changes(report, words)
    if report.summary is not None:
        yield from _summary(report.summary, words)
    if report.troubles:
        yield Block(Kind.HEADING, words.troubles)
        yield from (Block(Kind.ITEM, f"{shown(name)}: {why}") for name, why in report.troubles[:_MOST_CHANGES])
    if report.summary is not None and report.summary.citations:
        yield Block(Kind.HEADING, words.sources)
        for one in report.summary.citations:
            yield Block(Kind.SOURCE, _place(one, words), label=f"{one.n}.", more=one.quote)
    if report.left_out:
        yield Block(Kind.NOTE, words.left_out)
    if report.link:
        yield Block(Kind.LINK, words.open, more=report.link)


def _failure(report: Report, failure: Failure, words: Words) -> Iterator[Block]:
    yield Block(Kind.TEXT, words.run_failed)
    yield Block(Kind.TEXT, why(failure, words))
    if report.summarised:
        yield Block(Kind.TEXT, words.done_until % {"done": report.summarised, "total": report.documents})


def _changes(report: Report, words: Words) -> Iterator[Block]:
    if report.since is None:
        return
    yield Block(Kind.HEADING, words.since % {"at": told(report.since)})
    if report.changes is None:
        yield Block(Kind.TEXT, words.changes_withheld)
    elif report.unchanged:
        yield Block(Kind.TEXT, f"{words.nothing_changed.capitalize()}.")
    elif not report.changes:
        yield Block(Kind.TEXT, words.nothing_changed_here)
    else:
        for change in report.changes[:_MOST_CHANGES]:
            yield from _change(change, words)
        if (more := len(report.changes) - _MOST_CHANGES) > 0:
            yield Block(Kind.TEXT, words.more % {"n": more})


def _change(change: Difference, words: Words) -> Iterator[Block]:
    name = {"name": shown(change.filename)}
    if not (change.text or change.before):
        of_document = {"new": words.document_new, "gone": words.document_gone}[change.kind]
        yield Block(Kind.ITEM, of_document % name if change.filename else words.document_deleted)
        return
    label = {"new": words.statement_new, "changed": words.statement_changed, "gone": words.statement_gone}[change.kind]
    was, now = _places(change.before_citations, words), _places(change.citations, words)
    if change.kind == "changed":
        yield Block(Kind.ITEM, change.before, label=f"{label % name}, {words.before}:", mark=was)
        yield Block(Kind.ITEM, change.text, label=f"{label % name}, {words.now}:", mark=now)
    else:
        yield Block(Kind.ITEM, change.text or change.before, label=f"{label % name}:", mark=now or was)


def _summary(summary: Summary, words: Words) -> Iterator[Block]:
    yield Block(Kind.HEADING, words.summary)
    codes, heading, named = {one.code for one in summary.notices}, "", headings(words.code)
    if not summary.statements:
        yield Block(Kind.TEXT, words.nothing_found)
        return
    written = words.quoted if EXTRACTIVE in codes or summary.model == MODEL else _generated(summary.model, words)
    yield Block(Kind.NOTE, written)
    for statement in summary.statements[:_MOST_STATEMENTS]:
        if statement.heading != heading:
            heading = statement.heading
            yield Block(Kind.SUBHEADING, shown(named.get(heading, heading)))
        yield Block(Kind.ITEM, statement.text, mark=_mark(statement, words))
    if (more := len(summary.statements) - _MOST_STATEMENTS) > 0:
        yield Block(Kind.TEXT, words.more % {"n": more})
    for code, text in ((LANGUAGE_IGNORED, words.language_ignored), (AUDIENCE_IGNORED, words.audience_ignored)):
        if code in codes:
            yield Block(Kind.NOTE, text)


def _generated(model: str, words: Words) -> str:
    built = " Built with Llama" if "llama" in model.lower() else ""
    return words.generated % {"model": model} + built


def _mark(statement: Statement, words: Words) -> str:
    numbers = " ".join(f"[{n}]" for n in statement.citations)
    doubt = {Verdict.PARTLY: words.partly, Verdict.UNSUPPORTED: words.unsupported}.get(statement.verdict)
    return " ".join(filter(None, [numbers, f"({doubt})" if doubt else ""]))


def _places(citations: Sequence[Citation], words: Words) -> str:
    found = dict.fromkeys(_page(one, words) for one in citations)
    return f"({', '.join(found)})" if found else ""


def _place(citation: Citation, words: Words) -> str:
    return f"{shown(citation.filename)}, {_page(citation, words)}"


def _page(citation: Citation, words: Words) -> str:
    return shown(citation.place) or words.page % {"page": citation.page}
