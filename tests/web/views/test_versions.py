"""Versions over REST and on the page: asking as of a date, and citations of what has been replaced."""

import io
from datetime import UTC, datetime
from typing import Any

from core.values import CollectionRole
from tests.web.site import Caller, Site


def _upload(site: Site, collection: str, text: str, name: str = "rent.txt") -> str:
    data = {"file": (io.BytesIO(text.encode()), name)}
    reply = site.admin.post(f"/api/v1/collections/{collection}/documents", data=data)
    assert reply.status_code == 202 and reply.json is not None
    site.read_everything()
    return str(reply.json["documents"][0]["id"])


def _ask(caller: Caller, collection: str, **filters: str) -> dict[str, Any]:
    told = {"question": "What is the rent of the hall?", "collections": [collection], "filters": filters}
    reply = caller.post("/api/v1/answers", json=told)
    assert reply.status_code == 200 and reply.json is not None
    return dict(reply.json)


def test_what_has_been_replaced_answers_for_its_time_and_says_so(site: Site) -> None:
    collection = site.collection()
    document = _upload(site, collection, "The rent of the hall is 500 euros a month.")
    reader = site.member(collection, CollectionRole.READER)
    before = _ask(reader, collection)
    then = datetime.now(UTC).isoformat()
    _upload(site, collection, "The rent of the hall is 700 euros a month.")

    assert "700" in str(_ask(reader, collection)["answer"])
    answer = _ask(reader, collection, as_of=then)
    assert "500" in str(answer["answer"])
    kept = reader.get(f"/api/v1/answers/{before['id']}").json
    assert kept is not None
    for told in (answer, kept):
        (one,) = told["citations"]
        assert (one["version"], one["superseded"], one["current_version"]) == (1, True, 2)
    page = f"documents/{document}/pages/1?passage={one['passage_id']}"
    shown = reader.get(f"/api/v1/{page}").json
    assert shown is not None
    assert ("500" in shown["text"], shown["version"], shown["superseded"]) == (True, 1, True)
    html = reader.get(f"/{page}").text
    assert "500 euros" in html and "version 2 answers now" in html
    assert "700 euros" in reader.get(f"/documents/{document}?page=1").text
    assert "replaced by version 2" in reader.get(f"/api/v1/answers/{answer['id']}/export.md").text


def test_only_what_is_there_can_be_asked_for(site: Site) -> None:
    collection = site.collection()
    document = _upload(site, collection, "The rent of the garden is 90 euros.")
    other = _upload(site, collection, "The rent of the barn is 80 euros.", "barn.txt")
    stranger = site.member(site.collection(), CollectionRole.READER)
    (one,) = site.admin.get(f"/api/v1/documents/{other}/pages/1").json["passages"]  # type: ignore[index]

    for wrong in ("yesterday", "2026-13-01", "2026-01-01T00:00:00", "2026-01-01T99:00:00Z"):
        told = {"query": "rent", "filters": {"as_of": wrong}}
        assert site.admin.post("/api/v1/search", json=told).status_code == 400
    early = {"query": "rent", "filters": {"as_of": "2001-01-01"}}
    assert site.admin.post("/api/v1/search", json=early).json["hits"] == []  # type: ignore[index]
    assert site.admin.get(f"/api/v1/documents/{document}/pages/1?version=2").status_code == 404
    # A passage of another document opens nothing of it.
    assert "garden" in site.admin.get(f"/api/v1/documents/{document}/pages/1?passage={one['id']}").json["text"]  # type: ignore[index]
    assert stranger.get(f"/api/v1/documents/{document}/pages/1?version=1").status_code == 404
    summary = {"collection": collection, "filters": {"as_of": "2026-01-01"}}
    assert site.admin.post("/api/v1/summaries", json=summary).status_code == 400
