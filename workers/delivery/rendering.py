"""A report as Markdown, HTML or JSON.

Text of documents, names and models stays text: in Markdown everything that would mean something is escaped, in HTML
there is no element but ours, and nothing that is fetched from elsewhere.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from html import escape
from itertools import groupby

from core.deliveries import Format
from core.wire import Json, summary_json
from llm.export import escaped
from workers.delivery.blocks import Block, Kind, blocks, title
from workers.delivery.outcomes import plain
from workers.delivery.reports import Report
from workers.delivery.words import Words, why

MEDIA_TYPES = {Format.MARKDOWN: "text/markdown", Format.HTML: "text/html", Format.JSON: "application/json"}
ENDINGS = {Format.MARKDOWN: "md", Format.HTML: "html", Format.JSON: "json"}
_LEVELS = {Kind.TITLE: 1, Kind.HEADING: 2, Kind.SUBHEADING: 3}
_LISTS = {Kind.ITEM: "ul", Kind.SOURCE: "ol"}
_STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;max-width:44rem;margin:1.5rem auto;padding:0 1rem}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:1.6rem}h3{font-size:1rem}li{margin:.35rem 0}"
    ".note,.mark,blockquote{color:#5f6368;font-size:.9em}blockquote{margin:.2rem 0 .2rem .8rem}"
    "@media(prefers-color-scheme:dark){body{background:#16181c;color:#e8eaed}"
    ".note,.mark,blockquote{color:#a8adb4}a{color:#8ab4f8}}"
)


def written(report: Report, form: Format, words: Words, language: str) -> str:
    """A report in a format."""
    if form is Format.JSON:
        return json.dumps(report_json(report, words), ensure_ascii=False, indent=1) + "\n"
    if form is Format.HTML:
        return _html(list(blocks(report, words)), language)
    return "\n\n".join(_MARKDOWN[part.kind](part) for part in blocks(report, words)) + "\n"


def plainly(report: Report, words: Words) -> str:
    """A report as text that nobody interprets, so that nothing in it is escaped."""
    return "\n\n".join(_PLAIN[part.kind](part) for part in blocks(report, words)) + "\n"


def headline(report: Report, words: Words) -> str:
    """A line that says what there is, as the subject of a message."""
    what = ""
    if report.failure is not None:
        what = f" ({words.failed})"
    elif report.unchanged:
        what = f" ({words.nothing_changed})"
    elif report.changes:
        what = f" ({words.counted % {'n': len(report.changes)}})"
    return plain(title(report, words)) + what


def report_json(report: Report, words: Words) -> Json:
    """A report as JSON."""
    run, summary, failure = report.run, report.summary, report.failure
    return {
        "id": report.delivery_id,
        "summary_id": run.id,
        "schedule_id": run.schedule_id,
        "title": report.title,
        "written_at": report.written_at.isoformat(),
        "due_at": run.due_at.isoformat() if run.due_at is not None else None,
        "state": "done" if failure is None else "failed",
        "error": {"code": failure.code, "message": why(failure, words)} if failure is not None else None,
        "since": report.since.isoformat() if report.since is not None else None,
        "unchanged": report.unchanged,
        "changes": [asdict(one) for one in report.changes] if report.changes is not None else None,
        "summary": summary_json(summary, run.request.options.template) if summary is not None else None,
        "documents": report.documents,
        "failed": [{"filename": name, "message": message} for name, message in report.troubles],
        "left_out": report.left_out,
        "link": report.link or None,
    }


def _line(part: Block) -> str:
    label = f"**{escaped(part.label)}** " if part.label else ""
    mark = _NUMBER.sub(r"[\1]", escaped(part.mark))
    return f"{label}{escaped(part.text)} {mark}".rstrip()


def _plain_line(part: Block) -> str:
    return " ".join(filter(None, map(plain, (part.label, part.text, part.mark))))


# The number of a citation: no text of a document can make a link of it.
_NUMBER = re.compile(r"\\\[(\d+)\\\]")
_MARKDOWN: dict[Kind, Callable[[Block], str]] = {
    **dict.fromkeys(_LEVELS, lambda part: f"{'#' * _LEVELS[part.kind]} {escaped(part.text)}"),
    Kind.TEXT: _line,
    Kind.ITEM: lambda part: f"- {_line(part)}",
    Kind.SOURCE: lambda part: f"{part.label} {escaped(part.text)}\n\n   > {escaped(part.more)}",
    Kind.LINK: lambda part: f"[{escaped(part.text)}](<{part.more}>)",
    Kind.NOTE: lambda part: f"*{escaped(part.text)}*",
}
_PLAIN: dict[Kind, Callable[[Block], str]] = {
    **dict.fromkeys(_LEVELS, lambda part: f"{'#' * _LEVELS[part.kind]} {plain(part.text)}"),
    **dict.fromkeys((Kind.TEXT, Kind.NOTE), _plain_line),
    Kind.ITEM: lambda part: f"- {_plain_line(part)}",
    Kind.SOURCE: lambda part: f"[{part.label.rstrip('.')}] {plain(part.text)}\n    “{plain(part.more)}”",
    Kind.LINK: lambda part: f"{plain(part.text)}: {part.more}",
}


def _html(parts: list[Block], language: str) -> str:
    body = "\n".join(_grouped(parts))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_text(parts[0].text)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _grouped(parts: list[Block]) -> Iterable[str]:
    for kind, some in groupby(parts, key=lambda part: part.kind):
        inner = [_HTML[kind](part) for part in some]
        name = _LISTS.get(kind)
        yield "\n".join([f"<{name}>", *inner, f"</{name}>"] if name else inner)


def _text(text: str) -> str:
    return escape(plain(text))


def _spoken(part: Block) -> str:
    label = f"<b>{_text(part.label)}</b> " if part.label else ""
    mark = f' <span class="mark">{_text(part.mark)}</span>' if part.mark else ""
    return f'{label}<span dir="auto">{_text(part.text)}</span>{mark}'


def _heading(part: Block) -> str:
    level = _LEVELS[part.kind]
    return f'<h{level} dir="auto">{_text(part.text)}</h{level}>'


_HTML: dict[Kind, Callable[[Block], str]] = {
    **dict.fromkeys(_LEVELS, _heading),
    Kind.TEXT: lambda part: f"<p>{_spoken(part)}</p>",
    Kind.ITEM: lambda part: f"<li>{_spoken(part)}</li>",
    Kind.SOURCE: lambda part: (
        f'<li><span dir="auto">{_text(part.text)}</span><blockquote dir="auto">{_text(part.more)}</blockquote></li>'
    ),
    Kind.LINK: lambda part: f'<p><a href="{escape(part.more)}" rel="noreferrer">{_text(part.text)}</a></p>',
    Kind.NOTE: lambda part: f'<p class="note">{_text(part.text)}</p>',
}
