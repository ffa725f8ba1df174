"""Whether the rows belong together, and the way back where they do not.

A table of checks, each with what it means and how it is mended inside one transaction. What is mended follows from
other rows alone or is read again from the stored bytes; no document is ever removed. Receipts, stored answers and the
log of decisions are looked at in `testimony`, files and indexes by whoever has them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.changes import record_change
from core.storage.database import Database, now
from core.storage.documents import Documents
from core.storage.dropping import needed_by
from core.storage.files import FileStore
from core.storage.jobs import READING, cancel_jobs
from core.storage.summaries import SUMMARISE
from core.values import DocumentStatus, JobState, Operation

# Where this is found, nothing else can be asked.
DAMAGED_DATABASE = "damaged_database"
# A job whose worker has been silent for so long is nobody's any more.
_SILENT_SECONDS = 3600.0
_OPEN = (JobState.QUEUED, JobState.RUNNING)
# Rows that say nothing without the row that they belong to.
_PARTS = frozenset(
    {"memberships", "tags", "pages", "passages", "vectors", "token_codes", "feedback", "acceptances"}
    | {"credentials", "summary_items", "deliveries"}
)
_COUNTED = {"changes": t.changes.c.sequence, "decisions": t.decisions.c.number}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not belong together; `subject` is a hash, an id or a name."""

    kind: str
    subject: str
    message: str


Find = Callable[[sa.Connection], Iterable[tuple[str, str]]]
Mend = Callable[[sa.Connection, str], None]


@dataclass(frozen=True, slots=True)
class _Check:
    """`find` gives subjects, each with what the message names; without `mend`, the message says what to do instead."""

    kind: str
    message: str
    find: Find
    mend: Mend | None = None


class Soundness:
    """Finds and mends what does not belong together in the database."""

    def __init__(self, database: Database, files: FileStore, documents: Documents) -> None:
        self._database = database
        self._files = files
        self._documents = documents

    def problems(self) -> Iterator[Problem]:
        """Everything that is wrong between rows."""
        with self._database.read() as connection:
            if trouble := _damage(connection):
                text = f"The database is damaged ({trouble}). Restore the newest backup."
                yield Problem(DAMAGED_DATABASE, "database", text)
                return
            for check in _CHECKS:
                for subject, named in check.find(connection):
                    yield Problem(check.kind, subject, check.message.format(named))

    def mend(self, problem: Problem) -> str | None:
        """Mend what can be mended from what is here; the job that has to be worked for it, if there is one.

        A document is read again only while its stored bytes are intact: what was read before is better than nothing.
        """
        if problem.kind in _READ_AGAIN:
            return self._read_again(problem.subject)
        for check in _CHECKS:
            if check.kind == problem.kind and check.mend is not None:
                with self._database.write() as connection:
                    check.mend(connection, problem.subject)
        return problem.subject if problem.kind == "stuck_job" else None

    def _read_again(self, version_id: str) -> str | None:
        version = self._documents.version(version_id)
        if version is None or not self._files.is_intact(version.unlocked_sha256 or version.sha256):
            return None
        return self._documents.read_again(version_id)


def _damage(connection: sa.Connection) -> str:
    """What SQLite itself finds wrong with its file; PostgreSQL refuses to read what is damaged."""
    if connection.dialect.name != "sqlite":
        return ""
    found = str(connection.execute(sa.text("PRAGMA quick_check(1)")).scalar_one())
    return "" if found == "ok" else " ".join(found.split())


def _of_versions(condition: sa.ColumnElement[bool]) -> Find:
    """Versions of which a condition holds, each with the path of its document."""
    query = (
        sa.select(t.versions.c.id, t.documents.c.path)
        .join(t.documents, t.documents.c.id == t.versions.c.document_id)
        .where(condition)
        .order_by(t.documents.c.path)
    )
    return lambda connection: [(row.id, repr(row.path)) for row in connection.execute(query)]


def _of_documents(condition: sa.ColumnElement[bool]) -> Find:
    query = sa.select(t.documents.c.id, t.documents.c.path).where(condition).order_by(t.documents.c.path)
    return lambda connection: [(row.id, repr(row.path)) for row in connection.execute(query)]


def _other_pages() -> sa.ColumnElement[bool]:
    stored = sa.select(sa.func.count()).where(t.pages.c.version_id == t.versions.c.id).scalar_subquery()
    return (t.versions.c.status == DocumentStatus.READY) & (stored != t.versions.c.pages)


def _other_texts() -> sa.ColumnElement[bool]:
    """A passage is a span of its page, letter by letter."""
    here = (t.pages.c.version_id == t.passages.c.version_id) & (t.pages.c.number == t.passages.c.page)
    span = sa.func.substr(t.pages.c.text, t.passages.c.start + 1, t.passages.c.end - t.passages.c.start)
    joined = t.passages.join(t.pages, here)
    return (
        sa.exists()
        .select_from(joined)
        .where((t.passages.c.version_id == t.versions.c.id) & (span != t.passages.c.text))
    )


def _some_codes() -> sa.ColumnElement[bool]:
    """Versions with passages that have no codes of an embedder which otherwise gives some."""
    giving = sa.select(t.token_codes.c.embedder).distinct()
    same = t.token_codes.c.embedder == t.vectors.c.embedder
    coded = sa.exists().where((t.token_codes.c.passage_id == t.passages.c.id) & same)
    embedded = t.passages.join(t.vectors, t.vectors.c.version_id == t.passages.c.version_id)
    mine = t.passages.c.version_id == t.versions.c.id
    return sa.exists().select_from(embedded).where(mine & t.vectors.c.embedder.in_(giving) & ~coded)


def _not_worked() -> sa.ColumnElement[bool]:
    waits = t.versions.c.status.in_([DocumentStatus.QUEUED, DocumentStatus.PROCESSING])
    return waits & ~sa.exists().where((t.jobs.c.target == t.versions.c.id) & t.jobs.c.state.in_(_OPEN))


def _its_version(column: sa.Column[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where((t.versions.c.id == column) & (t.versions.c.document_id == t.documents.c.id))


def _ready_version() -> sa.ColumnElement[bool]:
    mine = t.versions.c.document_id == t.documents.c.id
    return sa.exists().where(mine & (t.versions.c.status == DocumentStatus.READY))


def _latest_version() -> sa.Select[tuple[str]]:
    mine = t.versions.c.document_id == t.documents.c.id
    return sa.select(t.versions.c.id).where(mine).order_by(t.versions.c.number.desc()).limit(1)


def _answer_again(connection: sa.Connection, document_id: str) -> None:
    query = sa.select(t.versions.c.id).where(
        (t.versions.c.document_id == document_id) & (t.versions.c.status == DocumentStatus.READY)
    )
    found = connection.execute(query.order_by(t.versions.c.number.desc()).limit(1)).scalar_one_or_none()
    mine = t.documents.c.id == document_id
    connection.execute(t.documents.update().where(mine).values(current_version_id=found))
    # What is asked as of a date goes by these times. That of the upload is the best that is known.
    began = sa.func.coalesce(t.versions.c.published_at, t.versions.c.created_at)
    answers = t.versions.update().where(t.versions.c.id == found)
    connection.execute(answers.values(published_at=began, superseded_at=None))
    _log_again(connection, document_id)


def _point_at_latest(connection: sa.Connection, document_id: str) -> None:
    latest = _latest_version().correlate(t.documents).scalar_subquery()
    mine = t.documents.c.id == document_id
    connection.execute(t.documents.update().where(mine & latest.is_not(None)).values(newest_version_id=latest))


def _unlogged(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Documents of which the log of changes says something else than their rows."""
    query = sa.select(
        sa.func.coalesce(t.documents.c.id, t.changes.c.document_id).label("id"), t.documents.c.path
    ).select_from(t.documents.join(t.changes, t.changes.c.document_id == t.documents.c.id, full=True))
    published = t.changes.c.operation == Operation.PUBLISH
    answers = t.documents.c.current_version_id.is_not(None)
    same = (
        published
        & (t.changes.c.version_id == t.documents.c.current_version_id)
        & (t.changes.c.collection_id == t.documents.c.collection_id)
    )
    wrong = (answers & ~sa.func.coalesce(same, sa.false())) | (
        sa.func.coalesce(published, sa.false()) & t.documents.c.current_version_id.is_(None)
    )
    for row in connection.execute(query.where(wrong)):
        yield row.id, repr(row.path or "a document that is gone")


def _log_again(connection: sa.Connection, document_id: str) -> None:
    row = connection.execute(sa.select(t.documents).where(t.documents.c.id == document_id)).first()
    if row is not None and row.current_version_id is not None:
        record_change(connection, Operation.PUBLISH, document_id, row.current_version_id, row.collection_id)
        return
    said = sa.select(t.changes.c.collection_id).where(t.changes.c.document_id == document_id)
    collection_id = row.collection_id if row is not None else connection.execute(said).scalar_one_or_none()
    if collection_id is not None:
        record_change(connection, Operation.DELETE, document_id, None, collection_id)


def _behind(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Counters that are not at the last number that was given."""
    for name, column in _COUNTED.items():
        n = connection.execute(sa.select(t.counters.c.n).where(t.counters.c.name == name)).scalar_one_or_none()
        most: int = connection.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one()
        # Decisions that are gone from the end of their log are told by `testimony`.
        if n is None or n < most or (n > most and name == "changes"):
            yield name, name


def _count_on(connection: sa.Connection, name: str) -> None:
    most = sa.select(sa.func.coalesce(sa.func.max(_COUNTED[name]), 0)).scalar_subquery()
    mine = t.counters.c.name == name
    if not connection.execute(t.counters.update().where(mine).values(n=most)).rowcount:
        connection.execute(t.counters.insert().values(name=name, n=most))


def _silent(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    lost = t.jobs.c.lease_until.is_(None) | (t.jobs.c.lease_until < now() - _SILENT_SECONDS)
    query = sa.select(t.jobs.c.id, t.jobs.c.kind).where((t.jobs.c.state == JobState.RUNNING) & lost)
    for row in connection.execute(query):
        yield row.id, row.kind


def _queue_again(connection: sa.Connection, job_id: str) -> None:
    values = {"state": JobState.QUEUED, "attempts": 0, "lease_token": None, "lease_until": None}
    mine = (t.jobs.c.id == job_id) & (t.jobs.c.state == JobState.RUNNING)
    connection.execute(t.jobs.update().where(mine).values(**values))


def _aimless(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Open jobs about something that is not there."""
    version = sa.exists().where(t.versions.c.id == t.jobs.c.target)
    run = sa.exists().where(t.summary_runs.c.id == t.jobs.c.target)
    gone = (t.jobs.c.kind.in_(READING) & ~version) | ((t.jobs.c.kind == SUMMARISE) & ~run)
    for row in connection.execute(sa.select(t.jobs.c.target, t.jobs.c.kind).where(gone & t.jobs.c.state.in_(_OPEN))):
        yield row.target, row.kind


def _unneeded(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    needed = sa.exists().where(
        (t.versions.c.sha256 == t.files.c.sha256) | (t.versions.c.unlocked_sha256 == t.files.c.sha256)
    )
    for sha256 in connection.execute(sa.select(t.files.c.sha256).where(~needed)).scalars():
        yield sha256, sha256


def _drop_row(connection: sa.Connection, sha256: str) -> None:
    needed = sa.exists().where(needed_by(sha256))
    connection.execute(t.files.delete().where((t.files.c.sha256 == sha256) & ~needed))


def _dangling(*, parts: bool) -> Find:
    """Rows that point at a row which is not there, as `table.column=value`."""

    def find(connection: sa.Connection) -> Iterator[tuple[str, str]]:
        for table in t.metadata.sorted_tables:
            for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
                if (table.name in _PARTS or _is_file(key)) != parts:
                    continue
                owner = key.column.table.alias("owner")
                lost = key.parent.is_not(None) & ~sa.exists().where(owner.c[key.column.name] == key.parent)
                for value in connection.execute(sa.select(key.parent).where(lost).distinct()).scalars():
                    yield f"{table.name}.{key.parent.name}={value}", key.column.table.name

    return find


def _is_file(key: sa.ForeignKey) -> bool:
    return key.column.table.name == t.files.name


def _tie_up(connection: sa.Connection, subject: str) -> None:
    """Remove parts of what is gone; the row of a stored file follows from the version that needs it."""
    name, _, value = subject.partition("=")
    table, column = (t.metadata.tables[name.partition(".")[0]], name.partition(".")[2])
    if table is t.versions:
        size = sa.select(sa.func.max(t.versions.c.size)).where(needed_by(value)).scalar_subquery()
        connection.execute(t.files.insert().values(sha256=value, size=size))
        return
    wanted = int(value) if isinstance(table.c[column].type, sa.Integer) else value
    connection.execute(table.delete().where(table.c[column] == wanted))


_CHECKS = (
    _Check("page_texts", "The pages of {} are not as many as were read.", _of_versions(_other_pages())),
    _Check("altered_text", "A passage of {} is not what stands on its page.", _of_versions(_other_texts())),
    _Check("token_codes", "What is kept of the tokens of {} is not complete.", _of_versions(_some_codes())),
    _Check("not_worked", "{} waits to be read, and no job is there that would.", _of_versions(_not_worked())),
    _Check(
        "empty_document",
        "{} has no version at all. Delete it, and add the file again.",
        _of_documents(~sa.exists().where(t.versions.c.document_id == t.documents.c.id)),
    ),
    _Check(
        "newest_version",
        "The newest version of {} is not the one that is named as such.",
        _of_documents(t.documents.c.newest_version_id != _latest_version().scalar_subquery()),
        _point_at_latest,
    ),
    _Check(
        "not_answering",
        "{} was read and does not answer.",
        _of_documents(
            (t.documents.c.current_version_id.is_(None) & _ready_version())
            | (t.documents.c.current_version_id.is_not(None) & ~_its_version(t.documents.c.current_version_id))
        ),
        _answer_again,
    ),
    _Check("change_log", "The log of changes is wrong about {}.", _unlogged, _log_again),
    _Check("counter", "The counter of {} is not at the last number that was given.", _behind, _count_on),
    _Check("stuck_job", "A job ({}) is held by a worker that has been silent for an hour.", _silent, _queue_again),
    _Check(
        "aimless_job",
        "A job ({}) waits for something that is gone.",
        _aimless,
        lambda connection, target: cancel_jobs(connection, [target]),
    ),
    _Check("file_row", "A row speaks of stored bytes that no document needs.", _unneeded, _drop_row),
    _Check("dangling_row", "A row belongs to something that is gone ({}).", _dangling(parts=True), _tie_up),
    _Check(
        "lost_owner",
        "Rows belong to something that is gone ({}), and hold what is nowhere else. Restore the newest backup.",
        _dangling(parts=False),
    ),
)
# Their subjects are versions whose passages can be made again from the stored bytes.
_READ_AGAIN = frozenset({"miscounted", "damaged_vectors", "page_texts", "altered_text", "token_codes", "not_worked"})
