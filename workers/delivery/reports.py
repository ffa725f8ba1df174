"""What a run says to the person who asked for it, with the rights of this moment. How it is written: `rendering`.

Statements about documents that are closed to the person by now, or gone, are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from core.errors import NotFound
from core.settings import Settings
from core.storage.store import Store
from core.summaries import Difference, Statement, Summary, SummaryItem, SummaryRun
from core.values import Citation, Failure, Job, JobState, Reader
from workers.summary_items import CLOSED, Refused, reader_of, refused

# What all documents say together is gone with one of them; of what is left, so many statements each are told.
_EACH = 5


@dataclass(frozen=True, slots=True)
class Report:
    """What is delivered. Times are in the time zone of the schedule.

    `changes` is None where there is no run to compare with, or what was compared is gone; `since` is when that run
    began. `troubles` are the names of documents that could not be summarised, each with the reason. `left_out` says
    that more was written than is told here. `failure` is why the run failed, after so many documents had been
    `summarised`; nothing else is told then.
    """

    delivery_id: str
    run: SummaryRun
    title: str
    written_at: datetime
    since: datetime | None
    changes: tuple[Difference, ...] | None
    summary: Summary | None
    documents: int
    troubles: tuple[tuple[str, str], ...]
    left_out: bool
    link: str
    failure: Failure | None = None
    summarised: int = 0

    @property
    def unchanged(self) -> bool:
        """Whether nothing is otherwise than in the run before, as far as that may be told."""
        return self.changes == () and not self.left_out


def reported(settings: Settings, store: Store, delivery_id: str, run: SummaryRun, job: Job) -> Report:
    """What may be told of a run. Raises `Refused` where that is nothing because of the person's rights."""
    reader, items = reader_of(store, run), store.summaries.items(run.id)
    if job.state is JobState.FAILED:
        return _failed(settings, store, delivery_id, run, job)
    rights = _Rights(store, reader)
    shut = [one for one in items if rights.closed(one.document_id)]
    if items and len(shut) == len(items):
        raise Refused
    changes, told = run.changes, run.result
    if changes is not None:
        changes = tuple(one for one in changes if rights.may_tell(one))
    if told is not None:
        told = _open_part(told, rights, whole=not shut)
    else:
        told = _together([one for one in items if rights.open(one.document_id)])
    zone, before = _zone(store, run), store.summaries.before(run)
    hidden = bool(shut or store.summaries.deleted_since(run.id)) or changes != run.changes
    return Report(
        delivery_id=delivery_id,
        run=run,
        title=run.title,
        written_at=run.created_at.astimezone(zone),
        since=before.created_at.astimezone(zone) if before is not None else None,
        changes=changes,
        summary=told,
        documents=job.progress.total,
        troubles=_troubles(store, [one for one in items if rights.open(one.document_id)]),
        left_out=hidden,
        link=_link(settings, run),
    )


def _failed(settings: Settings, store: Store, delivery_id: str, run: SummaryRun, job: Job) -> Report:
    items = store.summaries.items(run.id)
    return Report(
        delivery_id=delivery_id,
        run=run,
        title=run.title,
        written_at=run.created_at.astimezone(_zone(store, run)),
        since=None,
        changes=None,
        summary=None,
        documents=len(items),
        troubles=(),
        left_out=False,
        link=_link(settings, run),
        failure=job.error or Failure("internal_error", ""),
        summarised=sum(one.summary is not None for one in items),
    )


class _Rights:
    """What is open to a reader; each document is looked up once."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader
        self._open: dict[str, bool] = {}

    def open(self, document_id: str) -> bool:
        """Whether the document is there and open."""
        if document_id not in self._open:
            self._open[document_id] = refused(self._store, self._reader, document_id) is None
        return self._open[document_id]

    def closed(self, document_id: str) -> bool:
        """Whether it is there but closed."""
        return not self.open(document_id) and refused(self._store, self._reader, document_id) is CLOSED

    def all_open(self, citations: Iterable[Citation]) -> bool:
        """Whether everything that is cited is open."""
        return all(self.open(one.document_id) for one in citations)

    def may_tell(self, change: Difference) -> bool:
        """Whether a change may be told: its document is open, or deleted and without a name."""
        if not self.all_open([*change.citations, *change.before_citations]):
            return False
        return self.open(change.document_id) or not (
            change.filename or change.text or change.before or self.closed(change.document_id)
        )


def _open_part(summary: Summary, rights: _Rights, *, whole: bool) -> Summary:
    """The statements that cite what is open alone; without a citation, only where everything is."""
    cited = {one.n: one for one in summary.citations}

    def may_tell(statement: Statement) -> bool:
        return (whole or bool(statement.citations)) and rights.all_open(cited[n] for n in statement.citations)

    return _numbered(summary, [one for one in summary.statements if may_tell(one)])


def _numbered(summary: Summary, statements: Sequence[Statement]) -> Summary:
    """The summary with these of its statements, and what they cite numbered anew."""
    wanted = {n for one in statements for n in one.citations}
    kept = [one for one in summary.citations if one.n in wanted]
    numbers = {one.n: number for number, one in enumerate(kept, 1)}
    return replace(
        summary,
        statements=tuple(replace(one, citations=tuple(numbers[n] for n in one.citations)) for one in statements),
        citations=tuple(replace(one, n=numbers[one.n]) for one in kept),
    )


def _together(items: Sequence[SummaryItem]) -> Summary | None:
    """What documents say each by itself, under their names."""
    statements: list[Statement] = []
    citations: list[Citation] = []
    parts = [one.summary for one in items if one.summary is not None]
    for part in parts:
        first, shift = _numbered(part, part.statements[:_EACH]), len(citations)
        name = first.citations[0].filename if first.citations else ""
        citations += [replace(one, n=one.n + shift) for one in first.citations]
        statements += [
            replace(one, heading=name, citations=tuple(n + shift for n in one.citations)) for one in first.statements
        ]
    if not parts:
        return None
    return replace(parts[0], statements=tuple(statements), citations=tuple(citations))


def _troubles(store: Store, items: Sequence[SummaryItem]) -> tuple[tuple[str, str], ...]:
    failed = [(one.document_id, one.error.message) for one in items if one.error is not None]
    names = store.documents.filenames([document_id for document_id, _ in failed])
    return tuple((names.get(document_id, ""), message) for document_id, message in failed)


def _link(settings: Settings, run: SummaryRun) -> str:
    return f"{settings.public_url.rstrip('/')}/summaries/{run.id}" if settings.public_url else ""


def _zone(store: Store, run: SummaryRun) -> tzinfo:
    if run.schedule_id is None:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(store.schedules.get(run.schedule_id).timezone)
    except NotFound:
        return ZoneInfo("UTC")
