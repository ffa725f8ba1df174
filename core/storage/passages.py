"""What was read from documents: pages, passages and their vectors, and the publication that makes them searchable."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.marks import marks_stored
from core.storage import tables as t
from core.storage.agreements import prove_agreed
from core.storage.database import Database
from core.storage.filtering import answered_at
from core.storage.jobs import end_job, prove_lease
from core.storage.publishing import locked_version, make_current
from core.storage.quarantine import hold_back, is_released
from core.storage.rows import PASSAGE_COLUMNS, Row, passage
from core.storage.token_codes import put_codes
from core.values import (
    Box,
    DocumentStatus,
    JobState,
    Lease,
    Line,
    Opening,
    Page,
    Passage,
    Reading,
    Surroundings,
)

# SQLite allows 32,766 bound values in one statement.
_IDS_AT_ONCE = 5_000
_FP16_BYTES = 2
_TOP_CHARACTERS = 400
_OPENING_PAGES = 2
_OPENING_CHARACTERS = 2_500  # of each of these pages

_current = t.versions.alias("current")
_ELSEWHERE = {
    "document_id": t.versions.c.document_id,
    "title": t.versions.c.title,
    "language": t.versions.c.language,
    "collection_id": t.documents.c.collection_id,
    "filename": t.documents.c.filename,
    "version": t.versions.c.number.label("version"),
    "current_version": _current.c.number.label("current_version"),
}
_JOINED = (
    sa.select(*(_ELSEWHERE[name] if name in _ELSEWHERE else t.passages.c[name] for name in PASSAGE_COLUMNS))
    .join(t.versions, t.versions.c.id == t.passages.c.version_id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .outerjoin(_current, _current.c.id == t.documents.c.current_version_id)
)
# What a search asks is built once: building and keying it anew would take longer than the database does.
_SOME = t.passages.c.id.in_(sa.bindparam("ids", expanding=True))
_ANSWERING = _JOINED.where(_SOME & (t.documents.c.current_version_id == t.passages.c.version_id))
_SURROUNDINGS = (
    sa.select(t.passages.c.id, t.passages.c.heading, t.versions.c.document_id)
    .join(t.versions, t.versions.c.id == t.passages.c.version_id)
    .where(_SOME)
)
_TOPS = (
    sa.select(t.passages.c.id, sa.func.substr(t.pages.c.text, 1, _TOP_CHARACTERS).label("top"))
    .join(t.pages, (t.pages.c.version_id == t.passages.c.version_id) & (t.pages.c.number == t.passages.c.page))
    .where(_SOME)
)


class Passages:
    """Reads passages, pages and vectors; publishes what a worker has read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(  # noqa: PLR0913 - one for each part
        self,
        lease: Lease,
        version_id: str,
        reading: Reading,
        *,
        embedder: str,
        vectors: bytes,
        codes: Sequence[bytes] = (),
        held: Sequence[str] = (),
    ) -> int:
        """Store everything read from a version and end its job, all in one transaction; the change's number.

        With reasons in `held` it waits in quarantine and does not answer, unless these bytes were released.

        `vectors` holds one little-endian fp16 row for each passage, in their order, `codes` what is kept of the
        tokens of each, where the embedder has any. A version that was overtaken by
        a newer published one is stored but does not become the one that answers. Raises `LeaseLost` when another
        worker holds the job or the document has been deleted, `EmbedderReplaced` when another embedder's vectors
        answer by now; then nothing is stored.
        """
        if reading.passages and len(vectors) % (len(reading.passages) * _FP16_BYTES):
            raise ValueError("vectors must hold one fp16 row for each passage")
        with self._database.write() as connection:
            prove_lease(connection, lease)
            prove_agreed(connection, embedder)
            version = locked_version(connection, version_id)
            # What an earlier reading left; vectors a reindexing may have stored at the last moment.
            for table in (t.passages, t.pages, t.vectors):
                connection.execute(table.delete().where(table.c.version_id == version_id))
            _insert_reading(connection, version_id, reading)
            count = len(reading.passages)
            waits = bool(held) and not is_released(connection, version.document_id, version.sha256)
            connection.execute(
                t.vectors.insert().values(version_id=version_id, embedder=embedder, count=count, data=vectors)
            )
            put_codes(connection, version_id, embedder, codes)
            connection.execute(
                t.versions.update()
                .where(t.versions.c.id == version_id)
                .values(
                    status=DocumentStatus.QUARANTINED if waits else DocumentStatus.READY,
                    held=list(held) or None,
                    title=reading.document.title or version.filename,
                    language=reading.language,
                    media_type=reading.media_type,
                    pages=len(reading.document.pages),
                    passages=count,
                    warnings=list(reading.document.warnings),
                    error_code=None,
                    error_message=None,
                )
            )
            result = {
                "document_id": version.document_id,
                "pages": len(reading.document.pages),
                "passages": len(reading.passages),
            }
            end_job(connection, lease.job.id, JobState.DONE, result=result)
            return hold_back(connection, version_id, version) if waits else make_current(connection, version)

    def by_ids(self, ids: Sequence[int], as_of: float | None = None) -> dict[int, Passage]:
        """The passages with these ids, of the versions that answer now or did at a moment; others are left out."""
        query = _ANSWERING if as_of is None else _JOINED.where(_SOME, *answered_at(as_of))
        return {row.id: passage(row) for row in self._rows(query, ids)}

    def surroundings(self, ids: Sequence[int]) -> dict[int, Surroundings]:
        """Where passages stand, by their ids; those that are gone are left out."""
        rows = self._rows(_SURROUNDINGS, ids)
        return {passage_id: Surroundings(document_id, heading) for passage_id, heading, document_id in rows}

    def tops(self, ids: Sequence[int]) -> dict[int, str]:
        """How the pages of passages begin, by the passages' ids; those that are gone are left out."""
        return dict(map(tuple, self._rows(_TOPS, ids)))

    def _rows(self, query: sa.Select[Any], ids: Sequence[int]) -> Iterator[Row]:
        with self._database.read() as connection:
            for start in range(0, len(ids), _IDS_AT_ONCE):
                some = [int(i) for i in ids[start : start + _IDS_AT_ONCE]]
                yield from connection.execute(query, {"ids": some}).all()

    def of_version(self, version_id: str) -> list[Passage]:
        """All passages of a version in their order."""
        query = _JOINED.where(t.passages.c.version_id == version_id).order_by(t.passages.c.position)
        with self._database.read() as connection:
            return [passage(row) for row in connection.execute(query)]

    def on_page(self, version_id: str, page: int) -> list[Passage]:
        """The passages of one page of a version in their order."""
        here = (t.passages.c.version_id == version_id) & (t.passages.c.page == page)
        with self._database.read() as connection:
            return [passage(row) for row in connection.execute(_JOINED.where(here).order_by(t.passages.c.position))]

    def marked(self, version_id: str, limit: int = 50) -> list[Passage]:
        """The first passages of a version in which something is pointed out."""
        pointed_out = t.passages.c.marks.is_not(None) & (sa.cast(t.passages.c.marks, sa.Text) != "[]")
        query = _JOINED.where((t.passages.c.version_id == version_id) & pointed_out)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(t.passages.c.position).limit(limit))
            return [passage(row) for row in rows]

    def ids(self, version_id: str) -> list[int]:
        """The ids of a version's passages in their order."""
        query = sa.select(t.passages.c.id).where(t.passages.c.version_id == version_id).order_by(t.passages.c.position)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def vectors(self, version_id: str, embedder: str) -> bytes | None:
        """Little-endian fp16 vectors of a version's passages, row after row; None where never embedded so."""
        query = sa.select(t.vectors.c.data).where(
            (t.vectors.c.version_id == version_id) & (t.vectors.c.embedder == embedder)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def embedded(self, version_ids: Sequence[str], embedder: str) -> dict[str, tuple[list[int], bytes]]:
        """By version what `ids` and `vectors` say, read at once; those that have none of either are left out."""
        of_these = t.passages.c.version_id.in_(version_ids)
        ids = sa.select(t.passages.c.version_id, t.passages.c.id).where(of_these).order_by(t.passages.c.position)
        vectors = sa.select(t.vectors.c.version_id, t.vectors.c.data).where(
            t.vectors.c.version_id.in_(version_ids) & (t.vectors.c.embedder == embedder)
        )
        passages: dict[str, list[int]] = {}
        with self._database.read() as connection:
            for version_id, passage_id in connection.execute(ids).all():
                passages.setdefault(version_id, []).append(passage_id)
            blobs = connection.execute(vectors).all()
        return {version_id: (passages[version_id], data) for version_id, data in blobs if version_id in passages}

    def openings(self, version_ids: Sequence[str]) -> list[Opening]:
        """How these versions begin, in any order; those that do not answer any more are left out."""
        query = (
            sa.select(
                t.versions.c.id,
                t.versions.c.document_id,
                t.versions.c.title,
                t.versions.c.pages,
                t.documents.c.collection_id,
                t.documents.c.filename,
                sa.func.substr(t.pages.c.text, 1, _OPENING_CHARACTERS).label("text"),
            )
            .join(t.documents, t.documents.c.current_version_id == t.versions.c.id)
            .outerjoin(t.pages, (t.pages.c.version_id == t.versions.c.id) & (t.pages.c.number <= _OPENING_PAGES))
            .where(t.versions.c.id.in_(version_ids))
            .order_by(t.versions.c.id, t.pages.c.number)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [_opening(list(pages)) for _, pages in groupby(rows, key=lambda row: row.id)]

    def pages(self, version_id: str) -> list[Page]:
        """All pages of a version; of their lines those of scanned pages."""
        query = sa.select(t.pages).where(t.pages.c.version_id == version_id).order_by(t.pages.c.number)
        with self._database.read() as connection:
            return [_page(row) for row in connection.execute(query)]

    def page(self, version_id: str, number: int) -> Page:
        """One page of a version; its lines where it was scanned. Raises `NotFound`."""
        query = sa.select(t.pages).where((t.pages.c.version_id == version_id) & (t.pages.c.number == number))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("The document has no such page.")
        return _page(row)


def _opening(rows: Sequence[Row]) -> Opening:
    first = rows[0]
    text = "\n".join(row.text for row in rows if row.text)
    return Opening(first.id, first.document_id, first.collection_id, first.filename, first.title, first.pages, text)


def _insert_reading(connection: sa.Connection, version_id: str, reading: Reading) -> None:
    if reading.document.pages:
        connection.execute(
            t.pages.insert(),
            [
                {
                    "version_id": version_id,
                    "number": page.number,
                    "text": page.text,
                    "width": page.width,
                    "height": page.height,
                    "name": page.name,
                    "confidence": page.confidence,
                    "hidden": page.hidden,
                    "lines": _kept_lines(page),
                }
                for page in reading.document.pages
            ],
        )
    if reading.passages:
        connection.execute(
            t.passages.insert(),
            [
                {
                    "version_id": version_id,
                    "position": position,
                    "page": draft.page,
                    "start": draft.start,
                    "end": draft.end,
                    "text": draft.text,
                    "heading": draft.heading,
                    "boxes": [_corners(box) for box in draft.boxes],
                    "place": draft.place,
                    "places": [[one.start, one.end, one.text] for one in draft.places] or None,
                    "confidence": draft.confidence,
                    "marks": marks_stored(draft.marks),
                }
                for position, draft in enumerate(reading.passages)
            ],
        )


def _corners(box: Box) -> list[float]:
    return [round(value, 1) for value in (box.left, box.top, box.right, box.bottom)]


def _page(row: Row) -> Page:
    return Page(
        number=row.number,
        text=row.text,
        lines=tuple(Line(start, end, Box(*sides)) for start, end, *sides in row.lines or ()),
        width=row.width,
        height=row.height,
        name=row.name,
        scanned=row.confidence is not None,
        confidence=row.confidence,
        hidden=row.hidden,
    )


def _kept_lines(page: Page) -> list[list[float]] | None:
    if page.confidence is None:
        return None
    return [[line.start, line.end, *_corners(line.box)] for line in page.lines if line.box is not None]
