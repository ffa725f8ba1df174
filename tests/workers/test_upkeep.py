"""Upkeep removes what has served its time, and nothing else."""

import os
import time
from pathlib import Path

import pytest

from core.settings import Settings
from core.storage.chain import Entry
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
