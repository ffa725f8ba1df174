"""Hostile files and names over REST: a document in a final state or a refusal, and nothing outside of the store."""

import io
from pathlib import Path

import pytest

from core.values import CollectionRole
from tests.hostile import archives, pdfs, texts
from tests.hostile.case import READ, Lure
from tests.web.site import Site

_SENT = ("bomb.docx", "file-entity.docx", "laughs.xlsx", "prev-in-circles.pdf", "password.pdf", "zero-bytes.txt")
_STATUS = {READ: "ready", "password_required": "password_required"}
NAMES = [
    "../../../outside.txt",
    "..\\..\\outside.txt",
    "....//....//outside.txt",
    "/etc/outside.txt",
    "C:\\outside.txt",
    "\\\\server\\share\\outside.txt",
    "file:///etc/outside.txt",
    "%2e%2e%2foutside.txt",
    "..%c0%afoutside.txt",
    "\uff0e\uff0e\uff0foutside.txt",
    "\u2024\u2024/outside.txt",
    "..\u2215outside.txt",
    "a\0b.txt",
    "a\r\nSet-Cookie: b=c.txt",
    'a";filename="b.txt',
    "invoice\u202efdp.txt",
    "zero\u200bwidth\ufeff.txt",
    "e\u0301.txt",
    "CON.txt",
    "nul",
    "...",
    ".",
    " ",
    "a" * 5000 + ".txt",
    "\U0001f4c4.txt",
    "=HYPERLINK(1).txt",
    "$(id).txt",
    "-rf",
    "Ã¼berblick.txt",
]


def _files(site: Site) -> set[Path]:
    """All files around the data folder but for what databases and indexes keep."""
    around = site.settings.data.parent
    return {one for one in around.rglob("*") if one.is_file() and site.settings.data not in one.parents}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_leads_nowhere(name: str, site: Site) -> None:
    collection = site.collection()
    caller = site.member(collection, CollectionRole.EDITOR)
    before = _files(site)

    data = {"file": [(io.BytesIO(b"Harmless words"), name)]}
    reply = caller.post(f"/api/v1/collections/{collection}/documents", data=data)

    assert reply.status_code in {202, 400, 413, 422}
    assert _files(site) == before
    for document in site.store.documents.page(collection):
        parts = document.path.split("/")
        assert not document.path.startswith(("/", "\\")) and not {"", ".", ".."} & set(parts)
        assert not any(sign in document.path for sign in "\0\r\n\\")
        kept = site.store.files.path(site.store.documents.get(document.id).sha256)
        assert kept.is_relative_to(site.settings.data) and kept.read_bytes() == b"Harmless words"
        got = caller.get(f"/api/v1/documents/{document.id}/file")
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert got.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in got.headers


def test_hostile_files_end_in_a_state_that_says_why(site: Site, tmp_path: Path) -> None:
    collection = site.collection()
    caller = site.member(collection, CollectionRole.EDITOR)
    lure = Lure("http://127.0.0.1:9", tmp_path / "secret.txt")
    chosen = [one for one in (*archives.CASES, *pdfs.CASES, *texts.CASES) if one.name in _SENT]
    for one in chosen:
        data = {"file": [(io.BytesIO(one.make(lure)), one.name)]}
        assert caller.post(f"/api/v1/collections/{collection}/documents", data=data).status_code == 202

    site.read_everything()

    found = {document.path: document for document in site.store.documents.page(collection)}
    assert len(found) == len(chosen) == len(_SENT)
    for one in chosen:
        reply = caller.get(f"/api/v1/documents/{found[one.name].id}").json
        assert reply is not None
        assert reply["status"] in {_STATUS.get(end, "failed") for end in one.ends}
        assert (reply["error"] is None) == (reply["status"] == "ready")
