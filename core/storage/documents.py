"""Documents and their versions: uploads, listings, outcomes of reading, deletion."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal
from uuid import uuid4

import sqlalchemy as sa

from core.errors import ArchivarError, Conflict, NotFound, StorageFull
from core.filters import EVERYTHING, Choices, Filter
from core.names import numbered
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.dropping import drop_file, drop_strays, lock_file
from core.storage.ending import end_version
from core.storage.files import FileStore, StagedFile
from core.storage.filtering import holds
from core.storage.jobs import INGEST, cancel_jobs, end_job, insert_job, prove_lease
from core.storage.receipts import Receipts
from core.storage.remains import Elsewhere
from core.storage.removal import Removed, remove
from core.storage.rows import Row, document, moment
from core.storage.tags import add_tags, clean_tags, tags_of
from core.values import (
    Change,
    DeletionReceipt,
    Document,
    DocumentStatus,
    Failure,
    JobState,
    Lease,
    Upload,
    Version,
)

OnConflict = Literal["version", "keep_both"]
_MOST_CHOICES = 500

_NEWEST = (
    sa.select(
        t.documents.c.id,
        t.documents.c.collection_id,
        t.documents.c.path,
        t.documents.c.filename,
        t.documents.c.created_at,
        t.versions.c.id.label("version_id"),
        *[t.versions.c[name] for name in ("number", "sha256", "size", "media_type", "language", "status", "title")],
        *[t.versions.c[name] for name in ("pages", "passages", "warnings", "error_code", "error_message", "job_id")],
        *[t.jobs.c[name] for name in ("stage", "done", "total", "seconds_left")],
        t.jobs.c.state.label("job_state"),
    )
    .join(t.versions, t.versions.c.id == t.documents.c.newest_version_id)
    .outerjoin(t.jobs, t.jobs.c.id == t.versions.c.job_id)
)


class Documents:
    """A document is identified by its collection and its path there."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database = database
        self._files = files
        self._receipts = Receipts(database, files)

    def add(
        self,
        collection_id: str,
        path: str,
        staged: StagedFile,
        *,
        created_by: str | None = None,
        on_conflict: OnConflict = "version",
        tags: Sequence[str] = (),
    ) -> Upload:
        """Store an upload: bytes, version and ingest job in one transaction; `path` comes from `core.names`.

        Equal bytes under the same path change nothing (a failed attempt is tried again), except that `tags` are added
        to those of the document. Raises `NotFound` for an unknown collection, `InvalidRequest` for too many tags,
        `StorageFull`; then nothing is stored.
        """
        with self._taking(staged) as connection:
            tags = clean_tags(tags)
            self._lock_collection(connection, collection_id)
            existing = self._at_path(connection, collection_id, path)
            equal = existing is not None and existing.sha256 == staged.file.sha256
            if existing is not None and not equal and on_conflict == "keep_both":
                path, existing = self._free_path(connection, collection_id, path), None
            if existing is not None:
                add_tags(connection, existing.id, tags)
            self._place(connection, staged)  # equal bytes too: the blob may have gone missing
            if existing is not None and equal:
                document_id, change = existing.id, Change.UNCHANGED
                job_id = self._retry_if_failed(connection, existing, created_by)
            else:
                change = Change.NEW_VERSION if existing is not None else Change.ADDED
                document_id, job_id = self._insert(connection, collection_id, path, staged, existing, created_by)
                add_tags(connection, document_id, tags)
        return Upload(self.get(document_id), change, job_id)

    def get(self, document_id: str) -> Document:
        """The document with this id. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(_NEWEST.where(t.documents.c.id == document_id)).first()
            tags = tags_of(connection, [document_id])
        if row is None:
            raise NotFound("There is no such document, or you have no access to it.")
        return document(row, tags.get(document_id, ()))

    def version(self, version_id: str) -> Version | None:
        """The version with this id; None when its document has been deleted."""
        return self._version(t.versions.c.id == version_id)

    def current_version(self, document_id: str) -> Version | None:
        """The version of a document that answers questions now, if one does."""
        return self._version(t.documents.c.id == document_id, t.versions.c.id == t.documents.c.current_version_id)

    def read_version(
        self, document_id: str, *, number: int | None = None, passage: int | None = None
    ) -> Version | None:
        """The version of a document with this number, or this passage, unless it is unread or withheld."""
        wanted = [t.versions.c.number == number]
        if number is None:
            wanted = [
                t.versions.c.id
                == sa.select(t.passages.c.version_id).where(t.passages.c.id == passage).scalar_subquery()
            ]
        ready = (t.versions.c.status == DocumentStatus.READY) & t.versions.c.published_at.is_not(None)
        return self._version(t.documents.c.id == document_id, ready, *wanted)

    def retry(self, document_id: str, *, created_by: str | None = None) -> Document:
        """Queue a document that could not be read once more. Raises `NotFound`, or `Conflict` where nothing failed."""
        with self._database.write() as connection:
            self._locked(connection, document_id)
            row = connection.execute(_NEWEST.where(t.documents.c.id == document_id)).one()
            if self._retry_if_failed(connection, row, created_by) is None:
                raise Conflict("Only a document that could not be read can be read again.")
        return self.get(document_id)

    def unlock(self, document: Document, staged: StagedFile, *, created_by: str | None = None) -> Document:
        """Keep the copy of the document's newest version without its lock, and queue that to be read.

        Raises `NotFound`, or `Conflict` where that version does not wait for a password any more.
        """
        with self._taking(staged) as connection:
            self._locked(connection, document.id)
            row = connection.execute(_NEWEST.where(t.documents.c.id == document.id)).one()
            if (row.version_id, row.status) != (document.version_id, DocumentStatus.PASSWORD_REQUIRED):
                raise Conflict("The document does not wait for a password.")
            self._place(connection, staged)
            job_id = insert_job(connection, INGEST, row.version_id, row.collection_id, created_by)
            values = {"unlocked_sha256": staged.file.sha256, "status": DocumentStatus.QUEUED, "job_id": job_id}
            connection.execute(
                t.versions.update()
                .where(t.versions.c.id == row.version_id)
                .values(**values, error_code=None, error_message=None)
            )
        return self.get(document.id)

    def retry_all(self, code: str) -> int:
        """Queue once more whatever could not be read for this reason, for those who added it; how many."""
        failed = (t.versions.c.status == DocumentStatus.FAILED) & (t.versions.c.error_code == code)
        query = _NEWEST.add_columns(t.versions.c.created_by).where(failed)
        with self._database.write() as connection:
            rows = connection.execute(query).all()
            return sum(self._retry_if_failed(connection, row, row.created_by) is not None for row in rows)

    def page(
        self, collection_id: str, *, within: Filter = EVERYTHING, after: str = "", limit: int = 100
    ) -> list[Document]:
        """Documents of a collection ordered by id, as far as their newest versions are within the filter.

        `after` is the last id of the previous page.
        """
        query = (
            _NEWEST.where((t.documents.c.collection_id == collection_id) & (t.documents.c.id > after), *holds(within))
            .order_by(t.documents.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            tags = tags_of(connection, [row.id for row in rows])
        return [document(row, tags.get(row.id, ())) for row in rows]

    def answering(self, within: Filter) -> frozenset[str]:
        """The ids of the documents whose answering versions are within the filter."""
        query = (
            sa.select(t.documents.c.id)
            .join(t.versions, t.versions.c.id == t.documents.c.current_version_id)
            .where(*holds(within))
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def all_ids(self) -> frozenset[str]:
        """The ids of all documents."""
        with self._database.read() as connection:
            return frozenset(connection.execute(sa.select(t.documents.c.id)).scalars())

    def choices(self, collections: Collection[str]) -> Choices:
        """What there is to narrow down by among the documents of these collections that answer."""
        kinds = (
            sa.select(t.documents.c.id, t.versions.c.media_type, t.versions.c.language)
            .join(t.versions, t.versions.c.id == t.documents.c.current_version_id)
            .where(t.documents.c.collection_id.in_(list(collections)))
            .subquery()
        )
        tags = sa.select(t.tags.c.tag).join(kinds, kinds.c.id == t.tags.c.document_id)
        queries = (sa.select(kinds.c.media_type), tags, sa.select(kinds.c.language).where(kinds.c.language != ""))
        with self._database.read() as connection:
            types, tagged, languages = (
                tuple(sorted(connection.execute(query.distinct().limit(_MOST_CHOICES)).scalars())) for query in queries
            )
        return Choices(types, tagged, languages)

    def filenames(self, ids: Collection[str]) -> dict[str, str]:
        """The names of documents by their ids; those that are gone left out."""
        query = sa.select(t.documents.c.id, t.documents.c.filename).where(t.documents.c.id.in_(list(ids)))
        with self._database.read() as connection:
            return {row.id: row.filename for row in connection.execute(query)}

    def begin_reading(self, lease: Lease, version_id: str) -> None:
        """Show that a worker has taken the version; one that answers meanwhile stays ready. Raises `LeaseLost`."""
        with self._database.write() as connection:
            prove_lease(connection, lease)
            connection.execute(
                t.versions.update()
                .where((t.versions.c.id == version_id) & (t.versions.c.status != DocumentStatus.READY))
                .values(status=DocumentStatus.PROCESSING, error_code=None, error_message=None)
            )

    def end_unread(
        self,
        lease: Lease,
        version_id: str,
        error: Failure,
        warnings: Sequence[str] = (),
        *,
        state: JobState = JobState.FAILED,
    ) -> None:
        """End a version that could not be read, and its job in `state` with it. Raises `LeaseLost`."""
        with self._database.write() as connection:
            prove_lease(connection, lease)
            end_version(connection, t.versions.c.id == version_id, error, warnings)
            end_job(connection, lease.job.id, state, error=error)

    def read_again(self, version_id: str) -> str | None:
        """Forget what was read from a version and queue it anew; the job's id, None when the version is gone."""
        with self._database.write() as connection:
            query = (
                sa.select(t.documents.c.collection_id)
                .join(t.versions, t.versions.c.document_id == t.documents.c.id)
                .where(t.versions.c.id == version_id)
            )
            collection_id = connection.execute(query).scalar_one_or_none()
            if collection_id is None:
                return None
            cancel_jobs(connection, [version_id])
            for table in (t.passages, t.pages, t.vectors):
                connection.execute(table.delete().where(table.c.version_id == version_id))
            job_id = insert_job(connection, INGEST, version_id, collection_id, None)
            connection.execute(
                t.versions.update()
                .where(t.versions.c.id == version_id)
                .values(status=DocumentStatus.QUEUED, job_id=job_id, pages=0, passages=0)
            )
        return job_id

    def delete(self, document_id: str, *, by: str | None = None, elsewhere: Elsewhere | None = None) -> DeletionReceipt:
        """Remove a document with all versions, passages and vectors, and its words from stored answers and summaries.

        Files go when nothing else needs them. Then remains are looked for, `elsewhere` too, and the receipt is signed.
        """
        found, gone = self._removed(document_id, by)
        removed = [sha256 for sha256 in gone.files if drop_file(self._database, self._files, sha256)]
        return DeletionReceipt(
            document_id,
            found.filename,
            moment(gone.at),
            gone.sequence,
            gone.versions,
            gone.pages,
            gone.passages,
            tuple(removed),
            self._receipts.complete(gone.receipt_id, elsewhere),
        )

    def take_out(self, document_id: str, *, by: str | None = None) -> str:
        """Remove a document as `delete` does, and leave the look for remains to the caller; its receipt's id."""
        return self._removed(document_id, by)[1].receipt_id

    def _removed(self, document_id: str, by: str | None) -> tuple[Row, Removed]:
        with self._database.write() as connection:
            found = self._locked(connection, document_id)
            return found, remove(connection, document_id, found.collection_id, by=by)

    def drop_file(self, sha256: str) -> bool:
        """Remove a blob unless some version needs it; whether it was removed."""
        return drop_file(self._database, self._files, sha256, stray=True)

    def drop_strays(self, older_seconds: float) -> int:
        """Remove blobs that no version has needed for so long, unless they are suspiciously many; how many."""
        return drop_strays(self._database, self._files, older_seconds)

    def twin(self, version_id: str) -> str | None:
        """Another version in the same collection that was read from the same bytes, if there is one."""
        mine, other = t.versions.alias("mine"), t.versions.alias("other")
        my_document, its_document = t.documents.alias("my_document"), t.documents.alias("its_document")
        query = (
            sa.select(other.c.id)
            .join_from(mine, my_document, my_document.c.id == mine.c.document_id)
            .join(other, (other.c.sha256 == mine.c.sha256) & (other.c.id != mine.c.id))
            .join(its_document, its_document.c.id == other.c.document_id)
            .where(
                (mine.c.id == version_id)
                & (its_document.c.collection_id == my_document.c.collection_id)
                & (other.c.status == DocumentStatus.READY)
            )
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    @contextmanager
    def _taking(self, staged: StagedFile) -> Iterator[sa.Connection]:
        """A transaction that takes staged bytes over, or nothing of them."""
        try:
            with self._database.write() as connection:
                yield connection
        except StorageFull:
            # The bytes may have found room where their row did not.
            with suppress(ArchivarError):
                self.drop_file(staged.file.sha256)
            raise
        finally:
            self._files.discard(staged)

    def _version(self, *conditions: sa.ColumnElement[bool]) -> Version | None:
        query = (
            sa.select(
                t.versions,
                t.documents.c.collection_id,
                t.documents.c.filename,
                t.documents.c.current_version_id,
            )
            .join(t.documents, t.documents.c.id == t.versions.c.document_id)
            .where(*conditions)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        current = row.current_version_id == row.id
        whose = row.id, row.document_id, row.collection_id, row.number, row.filename
        return Version(*whose, row.sha256, current, row.unlocked_sha256)

    def _locked(self, connection: sa.Connection, document_id: str) -> Row:
        """The document, to which no upload adds a version until the transaction ends. Raises `NotFound`."""
        query = sa.select(t.documents).where(t.documents.c.id == document_id)
        found = connection.execute(query).first()
        if found is not None:
            self._lock_collection(connection, found.collection_id)
            # Another deletion may have been faster.
            found = connection.execute(query).first()
        if found is None:
            raise NotFound("There is no such document, or you have no access to it.")
        return found

    @staticmethod
    def _lock_collection(connection: sa.Connection, collection_id: str) -> None:
        # Not against foreign keys: rows that point at the collection may be written meanwhile.
        query = sa.select(t.collections.c.id).where(t.collections.c.id == collection_id).with_for_update(key_share=True)
        if connection.execute(query).first() is None:
            raise NotFound("There is no such collection, or you have no access to it.")

    @staticmethod
    def _at_path(connection: sa.Connection, collection_id: str, path: str) -> Row | None:
        same = (t.documents.c.collection_id == collection_id) & (t.documents.c.path == path)
        return connection.execute(_NEWEST.where(same)).first()

    def _free_path(self, connection: sa.Connection, collection_id: str, path: str) -> str:
        for number in range(2, 1000):
            candidate = numbered(path, number)
            if self._at_path(connection, collection_id, candidate) is None:
                return candidate
        raise Conflict("There are too many documents of this name. Rename the file.")

    def _place(self, connection: sa.Connection, staged: StagedFile) -> None:
        lock_file(connection, staged.file.sha256, staged.file.size)
        self._files.place(staged)

    @staticmethod
    def _insert(
        connection: sa.Connection,
        collection_id: str,
        path: str,
        staged: StagedFile,
        existing: Row | None,
        created_by: str | None,
    ) -> tuple[str, str]:
        version_id = str(uuid4())
        filename = path.rsplit("/", 1)[-1]
        if existing is None:
            document_id = str(uuid4())
            connection.execute(
                t.documents.insert().values(
                    id=document_id,
                    collection_id=collection_id,
                    path=path,
                    filename=filename,
                    newest_version_id=version_id,
                    created_at=now(),
                )
            )
        else:
            document_id = existing.id
            connection.execute(
                t.documents.update().where(t.documents.c.id == document_id).values(newest_version_id=version_id)
            )
        job_id = insert_job(connection, INGEST, version_id, collection_id, created_by)
        connection.execute(
            t.versions.insert().values(
                id=version_id,
                document_id=document_id,
                number=existing.number + 1 if existing is not None else 1,
                sha256=staged.file.sha256,
                size=staged.file.size,
                media_type="",
                language="",
                status=DocumentStatus.QUEUED,
                title=filename,
                pages=0,
                passages=0,
                warnings=[],
                job_id=job_id,
                created_by=created_by,
                created_at=now(),
            )
        )
        return document_id, job_id

    @staticmethod
    def _retry_if_failed(connection: sa.Connection, row: Row, created_by: str | None) -> str | None:
        """Queue a version that could not be read, once however many ask for it at this moment; the job's id."""
        job_id = str(uuid4())
        again = t.versions.update().where(
            (t.versions.c.id == row.version_id) & (t.versions.c.status == DocumentStatus.FAILED)
        )
        values = {"status": DocumentStatus.QUEUED, "job_id": job_id, "error_code": None, "error_message": None}
        if not connection.execute(again.values(values)).rowcount:
            return None
        return insert_job(connection, INGEST, row.version_id, row.collection_id, created_by, job_id=job_id)
