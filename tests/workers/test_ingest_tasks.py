"""One job worked to each of its ends."""

import threading
from pathlib import Path

import pytest

from core.settings import Settings
from core.storage.store import Store
from core.values import CollectionRole, DocumentStatus, InstallationRole, JobState, Progress, User
from retrieval.embedders.recipes import BUNDLED, chosen
from tests import factories
from tests.places import EVERYWHERE
from tests.processes import eventually
from tests.tiny_embedders import tiny_embedder
from tests.workers.texts import text
from workers.heartbeat import Heartbeat
from workers.ingest_tasks import IngestWorker

pytestmark = pytest.mark.parametrize("place", EVERYWHERE, indirect=True)


def member(store: Store, collection_id: str) -> User:
    user = store.people.add("mira@example.org", InstallationRole.MEMBER)
    store.collections.set_member(collection_id, user.id, CollectionRole.EDITOR)
    return user


def test_a_text_becomes_searchable_passages(store: Store, worker: IngestWorker) -> None:
    uploaded = factories.upload(store, "terms.txt", text(12))

    assert worker.run(uploaded.job_id)

    document = store.documents.get(uploaded.document.id)
    assert document.status is DocumentStatus.READY
    assert document.passages > 1
    assert len(store.passages.of_version(document.version_id)) == document.passages
    assert uploaded.job_id is not None
    assert store.jobs.get(uploaded.job_id).state is JobState.DONE


def test_there_is_nothing_to_do_twice(store: Store, worker: IngestWorker) -> None:
    uploaded = factories.upload(store)

    assert worker.run(uploaded.job_id)
    assert not worker.run(uploaded.job_id)
    assert not worker.run()


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "corrupt"),
        ("empty.txt", b"", "empty"),
        ("program.exe", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" * 64, "unsupported"),
    ],
)
def test_what_cannot_be_read_ends_at_once(
    store: Store, worker: IngestWorker, path: str, data: bytes, code: str
) -> None:
    uploaded = factories.upload(store, path, data)

    worker.run(uploaded.job_id)

    document = store.documents.get(uploaded.document.id)
    assert document.status is DocumentStatus.FAILED
    assert document.error is not None
    assert document.error.code == code
    assert uploaded.job_id is not None
    job = store.jobs.get(uploaded.job_id)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)


def test_a_deleted_document_ends_its_job(store: Store, worker: IngestWorker) -> None:
    uploaded = factories.upload(store)
    store.documents.delete(uploaded.document.id)

    worker.run(uploaded.job_id)

    assert uploaded.job_id is not None
    assert store.jobs.get(uploaded.job_id).state is JobState.CANCELLED


def test_a_lost_file_is_said_to_be_lost(store: Store, worker: IngestWorker) -> None:
    uploaded = factories.upload(store)
    store.files.remove(uploaded.document.sha256)

    worker.run(uploaded.job_id)

    error = store.documents.get(uploaded.document.id).error
    assert error is not None
    assert error.code == "missing_file"


@pytest.mark.parametrize("loss", ["membership", "suspended", "demoted"])
def test_rights_are_those_of_the_moment_of_reading(store: Store, worker: IngestWorker, loss: str) -> None:
    collection = factories.collection_id(store)
    user = member(store, collection)
    uploaded = factories.upload(store, collection=collection, created_by=user.id)
    if loss == "suspended":
        store.people.set_active(user.id, False)
    else:
        store.collections.set_member(collection, user.id, CollectionRole.READER if loss == "demoted" else None)

    worker.run(uploaded.job_id)

    assert uploaded.job_id is not None
    assert store.jobs.get(uploaded.job_id).state is JobState.FORBIDDEN
    document = store.documents.get(uploaded.document.id)
    assert document.status is DocumentStatus.FAILED
    assert document.error is not None
    assert document.error.code == "forbidden"


def test_an_editor_may_add(store: Store, worker: IngestWorker) -> None:
    collection = factories.collection_id(store)
    uploaded = factories.upload(store, collection=collection, created_by=member(store, collection).id)

    worker.run(uploaded.job_id)

    assert store.documents.get(uploaded.document.id).status is DocumentStatus.READY


def test_stopping_gives_back_what_is_being_worked(store: Store, worker: IngestWorker) -> None:
    uploaded = factories.upload(store, "long.txt", text(3000))
    assert uploaded.job_id is not None
    job_id = uploaded.job_id
    thread = threading.Thread(target=worker.run, args=(job_id,))
    thread.start()
    eventually(lambda: store.jobs.get(job_id).progress.stage == "embedding")

    worker.stop()

    job = store.jobs.get(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    thread.join()
    assert store.jobs.get(job_id).state is JobState.QUEUED
    assert not worker.run(job_id)


def test_a_change_of_the_embedder_at_the_last_moment(
    settings: Settings, store: Store, worker: IngestWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_embedder(tmp_path / "tiny", 24)
    other = chosen(settings.model_copy(update={"embedder": str(model), "embedder_device": "cpu"}))
    seen: list[str] = []

    class Swapping(Heartbeat):
        """A heartbeat under which the embedder is swapped when the first vectors are there."""

        def report(self, progress: Progress) -> None:
            super().report(progress)
            if progress.stage == "publishing" and "publishing" not in seen:
                assert store.agreements.swap(other, 24) == 0
            seen.append(progress.stage)

    monkeypatch.setattr("workers.ingest_tasks.Heartbeat", Swapping)
    uploaded = factories.upload(store, data=b"The tenant pays rent.")

    assert worker.run(uploaded.job_id)

    assert store.documents.get(uploaded.document.id).status is DocumentStatus.READY
    assert store.vectors.lacking(other.name, 24) == []
    assert store.passages.vectors(uploaded.document.version_id, BUNDLED.name) is None
    assert store.jobs.get(uploaded.job_id or "").attempts == 1
