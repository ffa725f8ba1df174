"""Documents over REST: what becomes of uploads, and what is given back."""

import io
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from core.storage.people import Credential
from core.values import CollectionRole
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.ingest.scan_files import ENGLISH, picture_of, scan_pdf, sheet
from tests.web.conftest import MOST_BYTES, MOST_FILES
from tests.web.site import Caller, Site

_REPORT = pdf(
    Sheet(lines("The annual report of a company.")), Sheet(lines("Capital spending rose to 28 million euros."))
)


@pytest.fixture
def collection(site: Site) -> str:
    """An empty collection."""
    return site.collection()


@pytest.fixture
def editor(site: Site, collection: str) -> Caller:
    """Someone who may write to it."""
    return site.member(collection, CollectionRole.EDITOR)


def _send(caller: Caller, collection: str, *files: tuple[str, bytes], query: str = "", **fields: str) -> TestResponse:
    data: dict[str, Any] = {"file": [(io.BytesIO(content), name) for name, content in files], **fields}
    return caller.post(f"/api/v1/collections/{collection}/documents{query}", data=data)


def _sent(reply: TestResponse) -> list[dict[str, Any]]:
    assert reply.status_code == 202 and reply.json is not None
    documents: list[dict[str, Any]] = reply.json["documents"]
    return documents


def test_what_becomes_of_each_file_is_told_in_order(site: Site, editor: Caller, collection: str) -> None:
    first = _sent(_send(editor, collection, ("b.txt", b"one"), ("a.txt", b"two")))
    assert [(one["filename"], one["change"], one["status"]) for one in first] == [
        ("b.txt", "added", "queued"),
        ("a.txt", "added", "queued"),
    ]
    (same,) = _sent(_send(editor, collection, ("b.txt", b"one")))
    assert (same["id"], same["change"]) == (first[0]["id"], "unchanged")
    (newer,) = _sent(_send(editor, collection, ("b.txt", b"three")))
    assert (newer["id"], newer["change"]) == (first[0]["id"], "new_version")
    (beside,) = _sent(_send(editor, collection, ("b.txt", b"four"), on_conflict="keep_both"))
    assert (beside["filename"], beside["change"]) == ("b (2).txt", "added")
    (also,) = _sent(_send(editor, collection, ("b.txt", b"five"), query="?on_conflict=keep_both"))
    assert also["filename"] == "b (3).txt"


def test_a_file_that_is_too_large_does_not_hurt_its_neighbours(site: Site, editor: Caller, collection: str) -> None:
    sent = _sent(
        _send(editor, collection, ("a.txt", b"a"), ("b.bin", b"\r\n--" * (MOST_BYTES // 4 + 1)), ("c.txt", b"c"))
    )
    assert [one["filename"] for one in sent] == ["a.txt", "b.bin", "c.txt"]
    assert [one["error"] and one["error"]["code"] for one in sent] == [None, "too_large", None]
    assert site.store.files.leftovers() == []


def test_when_no_file_can_be_taken_that_is_the_answer(site: Site, editor: Caller, collection: str) -> None:
    huge = _send(editor, collection, ("a.bin", b"x" * (MOST_BYTES + 1)), ("b.bin", b"y" * (MOST_BYTES + 1)))
    assert huge.json is not None
    assert (huge.status_code, huge.json["code"]) == (413, "too_large")
    assert _send(editor, collection, ("a/" * 700 + "b.txt", b"b")).status_code == 400
    assert site.store.documents.page(collection) == [] and site.store.files.leftovers() == []


def test_too_many_files_are_refused_and_none_is_kept(site: Site, editor: Caller, collection: str) -> None:
    files = [(f"{n}.txt", uuid4().bytes) for n in range(MOST_FILES + 1)]
    reply = _send(editor, collection, *files)
    assert reply.status_code == 413 and reply.json is not None and str(MOST_FILES) in reply.json["detail"]
    assert site.store.documents.page(collection) == []
    assert site.store.files.leftovers() == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2021/report.pdf", "2021/report.pdf"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("a\\\\b\\\\c.txt", "a/b/c.txt"),
        ("Prüfbericht \u4e2d.txt", "Prüfbericht \u4e2d.txt"),
        ("%2e%2e%2fa.txt", "%2e%2e%2fa.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
    ],
)
def test_names_are_kept_but_lead_nowhere(site: Site, editor: Caller, collection: str, sent: str, kept: str) -> None:
    (one,) = _sent(_send(editor, collection, (sent, b"text")))
    assert site.store.documents.get(one["id"]).path == kept


def test_a_path_that_is_too_long_is_one_entry(editor: Caller, collection: str) -> None:
    long, short = _sent(_send(editor, collection, ("a/" * 700 + "b.txt", b"b"), ("c.txt", b"c")))
    assert (long["error"]["code"], short["error"]) == ("invalid_request", None)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"path": "/etc/passwd"}}, 415),
        ({"json": {"uri": "file:///etc/passwd"}}, 415),
        ({"data": b"x", "content_type": "multipart/form-data"}, 415),
        ({"data": b"x", "content_type": "multipart/form-data; boundary=b"}, 400),
        ({"data": b"--b--\r\n", "content_type": "multipart/form-data; boundary=b"}, 400),
        ({"data": b"--b\r\n\r\nx\r\n--b--\r\n", "content_type": "multipart/form-data; boundary=b"}, 400),
        ({"data": b"--b\r\n" + b"X" * 2_000_000, "content_type": "multipart/form-data; boundary=b"}, 413),
        ({"data": {"file": "no file"}, "content_type": "multipart/form-data"}, 400),
        ({"data": {"other": (io.BytesIO(b"x"), "a.txt")}}, 400),
        ({"data": {"file": (io.BytesIO(b"x"), "a.txt"), "on_conflict": "overwrite"}}, 400),
        ({"data": {"file": (io.BytesIO(b"x"), "a.txt"), "path": "/etc/passwd"}}, 400),
        ({"data": {"file": (io.BytesIO(b"x"), "a.txt"), "on_conflict": "x" * 10_000}}, 400),
        ({"data": {"file": (io.BytesIO(b"x"), "a.txt"), **{f"f{n}": "" for n in range(30)}}}, 400),
    ],
)
def test_what_is_no_upload_is_refused(
    site: Site, editor: Caller, collection: str, options: dict[str, Any], status: int
) -> None:
    reply = editor.post(f"/api/v1/collections/{collection}/documents", **options)
    assert reply.status_code == status
    assert site.store.documents.page(collection) == []
    assert site.store.files.leftovers() == []


def test_the_original_comes_back_as_a_download_and_in_parts(site: Site, editor: Caller, collection: str) -> None:
    name, content = 'Müller „Bericht“; a".html', b"<script>alert(1)</script>"
    (one,) = _sent(_send(editor, collection, (name, content)))
    path = f"/api/v1/documents/{one['id']}/file"
    reply = editor.get(path)
    assert reply.data == content
    assert reply.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''M%C3%BCller" in reply.headers["Content-Disposition"]
    assert reply.headers["Content-Security-Policy"].startswith("sandbox")
    part = editor.get(path, headers={"Range": "bytes=1-6"})
    assert (part.status_code, part.data) == (206, b"script")
    assert editor.get(path, headers={"Range": "bytes=999-"}).status_code == 416
    assert editor.get(path, headers={"If-None-Match": reply.headers["ETag"]}).status_code == 304
    reply.close()
    part.close()


def test_a_download_does_not_look_like_another_kind_of_file(editor: Caller, collection: str) -> None:
    (one,) = _sent(_send(editor, collection, ("report\u202efdp.exe", b"MZ")))
    with editor.get(f"/api/v1/documents/{one['id']}/file") as reply:
        assert reply.headers["Content-Disposition"] == "attachment; filename=reportfdp.exe"


def test_a_deleted_document_is_gone(site: Site, editor: Caller, collection: str) -> None:
    document = site.document(collection, "One.", "Two.")
    receipt = editor("DELETE", f"/api/v1/documents/{document.id}").json
    assert receipt is not None
    assert (receipt["pages"], receipt["passages"], receipt["versions"]) == (2, 2, 1)
    for part in ("", "/file", "/pages/1", "/pages/1.png"):
        assert editor.get(f"/api/v1/documents/{document.id}{part}").status_code == 404


def test_pages_come_as_text_and_pictures(site: Site, editor: Caller, collection: str) -> None:
    report, text = _sent(_send(editor, collection, ("a.pdf", _REPORT), ("a.txt", b"A text.")))
    assert editor.get(f"/api/v1/documents/{report['id']}/pages/1").status_code == 404
    site.read_everything()
    page = editor.get(f"/api/v1/documents/{report['id']}/pages/2").json
    assert page is not None and "Capital spending" in page["text"]
    version = site.store.documents.current_version(report["id"])
    assert version is not None
    (passage,) = [one for one in site.store.passages.of_version(version.id) if one.page == 2]

    path = f"/api/v1/documents/{report['id']}/pages"
    plain, marked = editor.get(f"{path}/2.png"), editor.get(f"{path}/2.png?passage={passage.id}")
    assert plain.data.startswith(b"\x89PNG") and marked.data.startswith(b"\x89PNG") and plain.data != marked.data
    again = editor.get(f"{path}/2.png", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    for wrong in (f"1.png?passage={passage.id}", "3.png", "3", "0", "2.png?passage=999999"):
        assert editor.get(f"{path}/{wrong}").status_code == 404
    no_image = editor.get(f"/api/v1/documents/{text['id']}/pages/1.png").json
    assert no_image is not None and no_image["code"] == "no_page_image"
    foreign = f"/api/v1/documents/{text['id']}/pages/1.png?passage={passage.id}"
    assert editor.get(foreign).status_code == 404


def test_people_see_it_with_everything_escaped(site: Site, collection: str) -> None:
    user = site.user()
    site.store.collections.set_member(collection, user.id, CollectionRole.OWNER)
    site.store.collections.rename(collection, f"<b>{uuid4().hex}</b>")
    document = site.document(collection, "<script>alert(1)</script>", path="<img src=x>\u202egnp.txt")
    someone = Caller(site.app, site.settings, session=site.store.people.issue(user.id, Credential.SESSION, 60))
    for path in ("/", f"/collections/{collection}", f"/documents/{document.id}/pages/1"):
        page = someone.get(path)
        assert page.status_code == 200
        assert "<b>" not in page.text and "<img src=x>" not in page.text and "alert(1)</script>" not in page.text
        assert "\u202e" not in page.text
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_a_document_that_could_not_be_read_is_read_again(site: Site, editor: Caller, collection: str) -> None:
    (sent,) = _sent(_send(editor, collection, ("broken.pdf", b"%PDF-1.4 and nothing more")))
    site.read_everything()
    one = f"/api/v1/documents/{sent['id']}"
    assert editor.get(one).json["status"] == "failed"  # type: ignore[index]

    again = editor.post(f"{one}/retry")
    assert again.status_code == 202 and again.json is not None
    assert (again.json["status"], again.json["error"]) == ("queued", None)
    assert editor.post(f"{one}/retry").status_code == 409
    site.read_everything()
    assert editor.get(one).json["status"] == "failed"  # type: ignore[index]


def test_a_document_is_read_once_more_or_not_and_answers_meanwhile(site: Site, editor: Caller, collection: str) -> None:
    (sent,) = _sent(_send(editor, collection, ("rent.txt", b"The rent is due on the first.")))
    site.read_everything()
    one, all_of_it = f"/api/v1/documents/{sent['id']}", f"/api/v1/collections/{collection}/reprocess"

    again = editor.post(f"{one}/reprocess")
    assert again.status_code == 202 and again.json is not None
    assert (again.json["status"], again.json["in_progress"], again.json["passages"]) == ("ready", True, 1)
    assert editor.post(all_of_it).json == {"id": collection, "queued": 0}
    assert editor.get(f"{one}/pages/1").status_code == 200

    stopped = editor.post(f"/api/v1/jobs/{again.json['job_id']}/cancel")
    assert stopped.json is not None and (stopped.json["kind"], stopped.json["state"]) == ("reprocess", "cancelled")
    now = editor.get(one).json
    assert now is not None and (now["status"], now["in_progress"], now["warnings"]) == ("ready", False, [])

    assert editor.post(all_of_it).json == {"id": collection, "queued": 1}
    site.read_everything()
    now = editor.get(one).json
    assert now is not None and (now["status"], now["in_progress"], now["passages"]) == ("ready", False, 1)


def test_every_version_can_be_listed_and_downloaded(editor: Caller, collection: str) -> None:
    (sent,) = _sent(_send(editor, collection, ("plan.txt", b"first")))
    _send(editor, collection, ("plan.txt", b"second"))
    one = f"/api/v1/documents/{sent['id']}"

    listed = editor.get(f"{one}/versions").json
    assert listed is not None
    assert [(version["version"], version["size"]) for version in listed["versions"]] == [(2, 6), (1, 5)]
    files = [editor.get(f"{one}/file{query}") for query in ("", "?version=2", "?version=1", "?version=3")]
    assert [file.data for file in files[:3]] == [b"second", b"second", b"first"]
    assert files[3].status_code == 404
    for file in files:
        file.close()


def test_a_page_tells_its_passages(site: Site, editor: Caller, collection: str) -> None:
    (sent,) = _sent(_send(editor, collection, ("report.pdf", _REPORT)))
    site.read_everything()

    page = editor.get(f"/api/v1/documents/{sent['id']}/pages/2").json

    assert page is not None
    (passage,) = page["passages"]
    assert page["text"][passage["start"] : passage["end"]] == "Capital spending rose to 28 million euros."
    image = f"/api/v1/documents/{sent['id']}/pages/2.png?passage={passage['id']}"
    plain, quoted = editor.get(image), editor.get(f"{image}&quote=28%20million")
    assert plain.status_code == quoted.status_code == 200
    assert plain.headers["ETag"] != quoted.headers["ETag"]


def test_a_scan_says_how_sure_it_is_and_marks_the_quote(site: Site, editor: Caller, collection: str) -> None:
    scan = scan_pdf(picture_of(sheet(ENGLISH)))
    (sent,) = _sent(_send(editor, collection, ("scan.pdf", scan)))
    site.read_everything()

    page = editor.get(f"/api/v1/documents/{sent['id']}/pages/1").json
    hits = editor.post("/api/v1/search", json={"query": "insurance against flooding"}).json

    assert page is not None and hits is not None
    assert page["scan_confidence"] == hits["hits"][0]["scan_confidence"] > 0.95
    image = f"/api/v1/documents/{sent['id']}/pages/1.png?passage={page['passages'][0]['id']}"
    first, last = (_marked_rows(editor.get(f"{image}&quote={quote}").data) for quote in ENGLISH[::2])
    assert first and last and max(first) < min(last)


def _marked_rows(png: bytes) -> list[int]:
    """The rows of a picture that have the colour of a quote at the left edge of the text."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    left = int(picture.width * 72 / 612) + 1
    return [row for row in range(picture.height) if picture.getpixel((left, row)) == (255, 235, 120)]
