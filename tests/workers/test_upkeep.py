"""Upkeep removes what has served its time, and nothing else."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from core.settings import ROOT, Settings, child_environment
from core.storage import tables as t
from core.storage.chain import Entry
from core.storage.dropping import lock_file
from core.storage.people import Credential
from core.storage.store import Store
from core.values import DocumentStatus, Failure, InstallationRole
from llm.moderation.policy_file import PolicyFile
from tests import factories
from tests.places import EVERYWHERE
from workers.upkeep import tidy

DAY = 24 * 3600
DECIDED_DAYS, FOR_EVER = "[record]\nretention_days = 10", "[record]\nretention_days = 0"


@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_what_is_still_of_use_stays(settings: Settings, store: Store) -> None:
    user = store.people.add("anna@example.org", InstallationRole.MEMBER)
    secrets = {kind: store.people.issue(user.id, kind, 3600) for kind in Credential}
    uploaded = factories.upload(store)
    with store.files.receive() as arriving:
        arriving.write(b"under way")

        tidy(store)
        tidy(store)

        staged = arriving.finish()
    store.files.discard(staged)
    for kind in (Credential.SESSION, Credential.API_KEY):
        assert store.people.reader(secrets[kind], kind).user_id == user.id
    assert store.people.redeem_link(secrets[Credential.SIGN_IN_LINK], 60)
    assert store.jobs.waiting("ingest") == [uploaded.job_id]
    assert store.files.is_intact(uploaded.document.sha256)


def test_what_an_upload_left_a_day_ago_goes(settings: Settings, store: Store) -> None:
    folder = settings.files_dir / "incoming"
    folder.mkdir(parents=True)
    for name, age in (("old", DAY + 60), ("young", DAY - 60)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)

    tidy(store)

    assert [path.name for path in store.files.leftovers()] == ["young"]


KILLED = """
import io, os, signal
from core.settings import load_settings
from core.storage import documents
from core.storage.store import Store
store = Store(load_settings())
documents.insert_job = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
store.documents.add({collection!r}, "a.txt", store.files.stage(io.BytesIO(b"placed")))
"""


@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_bytes_that_a_killed_upload_placed_without_a_row_go(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = factories.upload(store, data=b"kept").document.sha256
    program = KILLED.format(collection=factories.collection_id(store))
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=child_environment(settings), check=False)
    (left,) = set(store.files.all()) - {kept}
    tidy(store)
    assert (done.returncode, set(store.files.all())) == (-signal.SIGKILL, {kept, left})
    monkeypatch.setattr("workers.upkeep._LEFTOVER_SECONDS", -1.0)

    # The same bytes arrive again at this moment, and find them there.
    with store.database.write() as connection:
        lock_file(connection, left, 6)
        waiting = Thread(target=tidy, args=(store,))
        waiting.start()
        version = {name: value for name, value in _version(store, kept).items() if name != "id"}
        connection.execute(t.versions.insert().values(**version | {"id": "v", "number": 2, "sha256": left}))
    waiting.join()
    assert set(store.files.all()) == {kept, left}
    with store.database.write() as connection:
        connection.execute(t.versions.delete().where(t.versions.c.id == "v"))

    tidy(store)

    assert set(store.files.all()) == {kept}
    assert store.files.is_intact(kept)
    with store.database.read() as connection:
        assert set(connection.execute(sa.select(t.files.c.sha256)).scalars()) == {kept}


def test_many_stored_files_without_a_document_are_left_to_an_operator(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(51):
        store.files.place(store.files.stage(io.BytesIO(str(number).encode())))
    monkeypatch.setattr("workers.upkeep._LEFTOVER_SECONDS", -1.0)

    tidy(store)

    assert len(list(store.files.all())) == 51
    assert "51 stored files belong to no document" in caplog.text


def _version(store: Store, sha256: str) -> dict[str, object]:
    with store.database.read() as connection:
        query = sa.select(t.versions).where(t.versions.c.sha256 == sha256)
        return dict(connection.execute(query).one()._mapping)


@pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
def test_what_found_the_disk_full_is_queued_again(store: Store) -> None:
    mira = store.people.add("mira@example.org", InstallationRole.ADMIN)
    full, damaged = (factories.upload(store, f"{n}.txt", str(n).encode(), created_by=mira.id) for n in range(2))
    for uploaded, code in ((full, "storage_full"), (damaged, "corrupt")):
        lease = store.jobs.lease("ingest", uploaded.job_id)
        assert lease is not None
        store.documents.end_unread(lease, uploaded.document.version_id, Failure(code, "Why."))

    tidy(store)
    tidy(store)

    (job_id,) = store.jobs.waiting("ingest")
    assert store.jobs.get(job_id).created_by == mira.id
    statuses = [store.documents.get(one.document.id).status for one in (full, damaged)]
    assert statuses == [DocumentStatus.QUEUED, DocumentStatus.FAILED]


@pytest.mark.parametrize(("policy", "kept"), [(DECIDED_DAYS, 1), (FOR_EVER, 2), ("nonsense = 1", 2)])
def test_decisions_go_when_the_policy_says(store: Store, tmp_path: Path, policy: str, kept: int) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(policy)
    store.decisions.append([_decided(time.time() - 11 * DAY), _decided(time.time())])

    tidy(store)
    tidy(store, PolicyFile(path))

    assert [d.entry.point for d in store.decisions.all()].count("question") == kept
    assert store.decisions.verify().trouble == ""


def _decided(at: float) -> Entry:
    return Entry(at, "r", "question", "allow", "d", "p", "")
