"""Upkeep removes what has served its time, and nothing else."""

import os
import time

import pytest

from core.settings import Settings
from core.storage.people import Credential
from core.storage.store import Store
from core.values import InstallationRole
from tests import factories
from tests.places import EVERYWHERE
from workers.upkeep import tidy

DAY = 24 * 3600


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
