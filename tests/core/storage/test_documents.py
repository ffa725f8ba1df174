"""Uploads, versions and deletions keep rows and files together."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest

from core.errors import Conflict, LeaseLost, NotFound, TooLarge
from core.settings import Settings
from core.storage.files import FileStore
from core.storage.store import Store
from core.values import Change, DocumentStatus, Failure
from tests import factories


def test_an_upload_is_stored_and_queued(store: Store) -> None:
    uploaded = factories.upload(store, "2021/report.pdf", b"bytes")

    document = uploaded.document
    assert uploaded.change is Change.ADDED
    assert (document.filename, document.path, document.version) == ("report.pdf", "2021/report.pdf", 1)
    assert document.status is DocumentStatus.QUEUED
    assert store.files.path(document.sha256).read_bytes() == b"bytes"
    assert store.files.leftovers() == []


def test_an_unknown_collection_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(NotFound):
        factories.upload(store, collection="00000000-0000-0000-0000-000000000000")

    assert list(store.files.all()) == []
    assert store.files.leftovers() == []


def test_equal_bytes_change_nothing(store: Store) -> None:
    first = factories.upload(store)
    factories.publish(store, first, "text")

    again = factories.upload(store)

    assert (again.change, again.job_id, again.document.id) == (Change.UNCHANGED, None, first.document.id)


def test_equal_bytes_of_a_failed_version_are_tried_again(store: Store) -> None:
    first = factories.upload(store)
    lease = store.jobs.lease("ingest", first.job_id)
    assert lease is not None
    store.documents.end_unread(lease, first.document.version_id, Failure("parser_limit", "Too slow."))

    again = factories.upload(store)

    assert again.change is Change.UNCHANGED
    assert again.document.status is DocumentStatus.QUEUED
    assert store.jobs.waiting("ingest") == [again.job_id]


def test_other_bytes_are_a_new_version_and_the_old_one_answers_until_it_is_ready(store: Store) -> None:
    first = factories.upload(store, data=b"one")
    factories.publish(store, first, "old text")
    old = store.passages.of_version(first.document.version_id)[0]

    second = factories.upload(store, data=b"two")
    assert (second.change, second.document.id, second.document.version) == (
        Change.NEW_VERSION,
        first.document.id,
        2,
    )
    assert old.id in store.passages.by_ids([old.id])

    factories.publish(store, second, "new text")
    assert store.passages.by_ids([old.id]) == {}
    current = store.documents.current_version(first.document.id)
    assert current is not None
    assert current.id == second.document.version_id


def test_a_version_read_late_does_not_replace_a_newer_one(store: Store) -> None:
    first = factories.upload(store, data=b"one")
    second = factories.upload(store, data=b"two")
    factories.publish(store, second, "new text")

    factories.publish(store, first, "old text")

    current = store.documents.current_version(first.document.id)
    assert current is not None
    assert current.id == second.document.version_id
    assert [c.version_id for c in store.changes.live()[1]] == [second.document.version_id]


def test_both_can_be_kept(store: Store) -> None:
    factories.upload(store, "a/b.pdf", b"one")
    staged = store.files.stage(io.BytesIO(b"two"))

    second = store.documents.add(factories.collection_id(store), "a/b.pdf", staged, on_conflict="keep_both")

    assert (second.change, second.document.path) == (Change.ADDED, "a/b (2).pdf")


def test_deleting_removes_everything_that_nobody_else_needs(store: Store) -> None:
    shared, alone = b"shared", b"alone"
    keeper = factories.upload(store, "keeper.txt", shared)
    doomed = factories.upload(store, "doomed.txt", shared)
    factories.publish(store, doomed, "text")
    factories.upload(store, "doomed.txt", alone)

    receipt = store.documents.delete(doomed.document.id)

    assert (receipt.versions, receipt.pages, receipt.passages) == (2, 1, 1)
    assert list(store.files.all()) == [keeper.document.sha256]
    assert store.inspection.files() == {keeper.document.sha256}
    assert store.passages.of_version(doomed.document.version_id) == []
    with pytest.raises(NotFound):
        store.documents.get(doomed.document.id)


def test_a_document_deleted_while_it_is_read_is_not_published(store: Store) -> None:
    uploaded = factories.upload(store)
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    store.documents.delete(uploaded.document.id)

    with pytest.raises(LeaseLost):
        store.passages.publish(
            lease,
            uploaded.document.version_id,
            factories.reading("text"),
            embedder=factories.EMBEDDER,
            vectors=factories.vectors(1),
        )
    assert store.inspection.totals().passages == 0


def test_deleting_and_uploading_the_same_bytes_at_once_loses_no_file(store: Store) -> None:
    collection = factories.collection_id(store)

    def add_and_delete(number: int) -> None:
        for round_ in range(5):
            uploaded = factories.upload(store, f"{number}-{round_}.txt", b"same", collection=collection)
            if round_ < 4:
                store.documents.delete(uploaded.document.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_and_delete, range(4)))

    assert store.inspection.files() == set(store.files.all())
    assert all(store.files.is_intact(sha256) for sha256 in store.files.all())


def test_deleting_a_document_that_gets_versions_at_once_leaves_no_file_behind(store: Store) -> None:
    collection = factories.collection_id(store)

    def add(number: int) -> None:
        for round_ in range(20):
            with suppress(NotFound):
                factories.upload(store, "a.txt", b"%d %d" % (number, round_), collection=collection)

    def delete(_: int) -> None:
        for _round in range(40):
            for document in store.documents.page(collection):
                with suppress(NotFound):
                    store.documents.delete(document.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda work: work(), [partial(add, 1), partial(delete, 1), partial(add, 2), partial(delete, 2)]))

    assert store.inspection.files() == set(store.files.all())


def test_first_uploads_of_the_same_bytes_do_not_clash(store: Store) -> None:
    collections = [store.collections.create(f"collection {number}").id for number in range(4)]

    def upload(collection: str, data: bytes) -> str:
        return factories.upload(store, data=data, collection=collection).change

    with ThreadPoolExecutor(4) as pool:
        for number in range(10):
            assert set(pool.map(upload, collections, [b"bytes %d" % number] * 4)) <= {"added", "new_version"}


def test_a_twin_is_looked_for_in_the_same_collection_only(store: Store) -> None:
    original = factories.upload(store, "a.txt")
    factories.publish(store, original, "text")
    near = factories.upload(store, "b.txt")
    far = factories.upload(store, "a.txt", collection=store.collections.create("Other").id)

    assert store.documents.twin(near.document.version_id) == original.document.version_id
    assert store.documents.twin(far.document.version_id) is None


def test_a_file_over_the_limit_leaves_nothing(settings: Settings) -> None:
    files = FileStore(settings.files_dir, max_bytes=10)

    with pytest.raises(TooLarge):
        files.stage(io.BytesIO(b"x" * 11))

    assert files.leftovers() == []
    assert files.stage(io.BytesIO(b"x" * 10)).file.size == 10


def test_versions_are_listed_with_the_one_that_answers(store: Store) -> None:
    first = factories.upload(store, data=b"one")
    factories.publish(store, first, "old text")
    second = factories.upload(store, data=b"three")

    versions = store.history.versions(first.document.id)

    told = [(one.version, one.status, one.current, one.size, one.passages) for one in versions]
    assert told == [(2, DocumentStatus.QUEUED, False, 5, 0), (1, DocumentStatus.READY, True, 3, 1)]
    assert versions[0].sha256 == second.document.sha256
    assert store.history.versions("00000000-0000-0000-0000-000000000000") == []


def test_only_what_failed_is_read_again(store: Store) -> None:
    uploaded = factories.upload(store)
    with pytest.raises(Conflict):
        store.documents.retry(uploaded.document.id)
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    store.documents.end_unread(lease, uploaded.document.version_id, Failure("parser_limit", "Too slow."))

    again = store.documents.retry(uploaded.document.id, created_by="ann")

    assert (again.status, again.error) == (DocumentStatus.QUEUED, None)
    assert store.jobs.waiting("ingest") == [again.job_id]
    assert store.jobs.get(again.job_id or "").created_by == "ann"
    with pytest.raises(Conflict):
        store.documents.retry(uploaded.document.id)
    with pytest.raises(NotFound):
        store.documents.retry("00000000-0000-0000-0000-000000000000")
