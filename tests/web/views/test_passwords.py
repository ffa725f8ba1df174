"""The password of a locked document given afterwards, over REST: what it opens, and where it is not kept."""

import io
import logging
from pathlib import Path
from typing import Any

import pytest

from core.storage.store import Store
from core.values import CollectionRole, User
from tests.ingest.test_unlocking import SECRET, locked_docx, locked_pdf
from tests.web.site import Caller, Site

PASSWORD = "zaubernuss-4711-quittung"


@pytest.fixture
def user(site: Site) -> User:
    """Someone new."""
    return site.user()


@pytest.fixture
def editor(site: Site, user: User) -> tuple[Caller, str]:
    """The same with a key, and a collection to write to."""
    collection = site.collection()
    site.store.collections.set_member(collection, user.id, CollectionRole.EDITOR)
    return site.by_key(user), collection


def _locked(site: Site, caller: Caller, collection: str, name: str, data: bytes) -> dict[str, Any]:
    files = {"file": [(io.BytesIO(data), name)]}
    sent = caller.post(f"/api/v1/collections/{collection}/documents", data=files).json
    site.read_everything()
    assert sent is not None
    return _shown(caller, sent["documents"][0]["id"])


def _shown(caller: Caller, document_id: str) -> dict[str, Any]:
    shown = caller.get(f"/api/v1/documents/{document_id}").json
    assert shown is not None
    return dict(shown)


def _everything_stored(data: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def _said(caller: Caller, document: dict[str, Any], password: object) -> tuple[int, str]:
    reply = caller.post(f"/api/v1/documents/{document['id']}/password", json={"password": password})
    return reply.status_code, (reply.json or {}).get("code", "")


@pytest.mark.parametrize(("name", "lock"), [("vault.pdf", locked_pdf), ("vault.docx", locked_docx)])
def test_a_password_opens_the_document_and_is_not_kept(
    site: Site, editor: tuple[Caller, str], name: str, lock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caller, collection = editor
    locked = _locked(site, caller, collection, name, lock(PASSWORD))
    assert (locked["status"], locked["error"]["code"]) == ("password_required", "password_required")

    with caplog.at_level(logging.DEBUG):
        assert _said(caller, locked, PASSWORD + "x") == (422, "wrong_password")
        assert _shown(caller, locked["id"])["status"] == "password_required"
        reply = caller.post(f"/api/v1/documents/{locked['id']}/password", json={"password": PASSWORD})
        assert (reply.status_code, (reply.json or {})["status"]) == (202, "queued")
        site.read_everything()
    ready = _shown(caller, locked["id"])
    assert (ready["status"], ready["error"], ready["sha256"]) == ("ready", None, locked["sha256"])
    page = caller.get(f"/api/v1/documents/{locked['id']}/pages/1").json
    assert page is not None and SECRET in page["text"]
    original = caller.get(f"/api/v1/documents/{locked['id']}/file").data
    assert original == site.store.files.path(locked["sha256"]).read_bytes() and SECRET.encode() not in original
    if name.endswith(".pdf"):
        assert caller.get(f"/api/v1/documents/{locked['id']}/pages/1.png").status_code == 200
    assert _said(caller, locked, PASSWORD) == (409, "conflict")

    assert PASSWORD not in caplog.text
    stored = _everything_stored(site.settings.data)
    assert PASSWORD.encode() not in stored and PASSWORD.encode("utf-16-le") not in stored


def test_the_unlocked_copy_goes_with_the_document(site: Site, editor: tuple[Caller, str]) -> None:
    caller, collection = editor
    before = set(site.store.files.all())
    locked = _locked(site, caller, collection, "a.pdf", locked_pdf(PASSWORD))
    assert _said(caller, locked, PASSWORD)[0] == 202
    assert len(set(site.store.files.all()) - before) == 2
    receipt = caller("DELETE", f"/api/v1/documents/{locked['id']}").json
    assert receipt is not None
    assert set(site.store.files.all()) == before
    assert site.store.inspection.files() <= before


def test_guesses_are_slowed_down_and_nonsense_is_refused(site: Site, editor: tuple[Caller, str]) -> None:
    caller, collection = editor
    locked = _locked(site, caller, collection, "b.pdf", locked_pdf(PASSWORD))
    for nonsense in ("", "x" * 1025, 7, None, ["a"]):
        assert _said(caller, locked, nonsense)[0] in {400, 422}
    for number in range(5):
        assert _said(caller, locked, f"guess {number}") == (422, "wrong_password")
    reply = caller.post(f"/api/v1/documents/{locked['id']}/password", json={"password": PASSWORD})
    assert reply.status_code == 429 and 0 < int(reply.headers["Retry-After"]) <= 60
    assert _shown(caller, locked["id"])["status"] == "password_required"


def test_a_lost_copy_asks_for_the_password_again(site: Site, editor: tuple[Caller, str]) -> None:
    caller, collection = editor
    locked = _locked(site, caller, collection, "c.pdf", locked_pdf(PASSWORD))
    store: Store = site.store
    assert _said(caller, locked, PASSWORD)[0] == 202
    version = store.documents.version(store.documents.get(locked["id"]).version_id)
    assert version is not None and version.unlocked_sha256 is not None
    store.files.remove(version.unlocked_sha256)
    site.read_everything()
    assert _shown(caller, locked["id"])["status"] == "password_required"
    assert _said(caller, locked, PASSWORD)[0] == 202
    site.read_everything()
    assert _shown(caller, locked["id"])["status"] == "ready"
