"""Filters, tags and explanations over REST."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.values import CollectionRole
from tests.web.site import Caller, Site

QUERY = {"query": "daily allowance"}


@pytest.fixture(scope="module")
def collection(site: Site) -> str:
    """A collection of three documents, one of them German."""
    made = site.collection()
    texts = {
        "travel.txt": "The daily allowance is 28 euros. It is paid with the salary of the month that follows.",
        "reisen.txt": "Die Tagespauschale beträgt 28 Euro und wird mit dem Gehalt des folgenden Monats gezahlt.",
        "old.txt": "The daily allowance was 24 euros. It was paid with the salary of the month that followed.",
    }
    for name, text in texts.items():
        tags = "Travel, Old rules" if name == "old.txt" else "travel"
        data = {"file": (io.BytesIO(text.encode()), name), "tags": tags}
        assert site.admin.post(f"/api/v1/collections/{made}/documents", data=data).status_code == 202
    site.read_everything()
    return made


@pytest.fixture(scope="module")
def reader(site: Site, collection: str) -> Caller:
    """Someone who may read it."""
    return site.member(collection, CollectionRole.READER)


@pytest.fixture(scope="module")
def editor(site: Site, collection: str) -> Caller:
    """Someone who may change it."""
    return site.member(collection, CollectionRole.EDITOR)


def _found(caller: Caller, **filters: Any) -> set[str]:
    reply = caller.post("/api/v1/search", json={**QUERY, "filters": filters})
    assert reply.status_code == 200 and reply.json is not None
    return {hit["filename"] for hit in reply.json["hits"]}


def _listed(caller: Caller, collection: str, query: str = "") -> dict[str, dict[str, Any]]:
    reply = caller.get(f"/api/v1/collections/{collection}/documents?{query}")
    assert reply.status_code == 200 and reply.json is not None
    return {one["filename"]: one for one in reply.json["documents"]}


def test_a_search_is_narrowed(reader: Caller) -> None:
    today, tomorrow = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))
    everything = {"travel.txt", "reisen.txt", "old.txt"}

    assert _found(reader) == _found(reader, types=["txt"], tags=["TRAVEL"]) == everything
    assert _found(reader, tags=["old rules"]) == {"old.txt"}
    assert _found(reader, languages=["de"]) == {"reisen.txt"}
    assert _found(reader, languages=["en"], tags=["old rules", "unheard of"]) == {"old.txt"}
    assert _found(reader, types=["application/pdf"]) == set()
    assert _found(reader, **{"to": today}) == everything
    assert _found(reader, **{"from": tomorrow}) == set()


def test_an_answer_is_narrowed(reader: Caller, collection: str) -> None:
    question = {"question": "How much is the daily allowance?", "collections": [collection]}

    old = reader.post("/api/v1/answers", json={**question, "filters": {"tags": ["old rules"]}}).json
    none = reader.post("/api/v1/answers", json={**question, "filters": {"languages": ["xx"]}}).json

    assert old is not None and {one["filename"] for one in old["citations"]} == {"old.txt"}
    assert none is not None and (none["status"], none["citations"]) == ("not_found", [])


def test_a_list_is_narrowed(reader: Caller, collection: str) -> None:
    assert set(_listed(reader, collection, "tags=travel&languages=de,fr&types=")) == {"reisen.txt"}
    assert set(_listed(reader, collection, "types=pdf,docx")) == set()
    assert set(_listed(reader, collection, "to=2000-01-01")) == set()
    first = reader.get(f"/api/v1/collections/{collection}/documents?languages=en&limit=1").json
    assert first is not None and len(first["documents"]) == 1
    assert set(_listed(reader, collection, f"languages=en&cursor={first['next_cursor']}")) < {"travel.txt", "old.txt"}


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"colour": ["red"]}, "Known are: collections, documents, types"),
        ({"since": "2026-01-31"}, "Known are"),
        ({"types": ["piano"]}, "one of: pdf"),
        ({"languages": ["german"]}, "ISO 639-1"),
        ({"from": "31.01.2026"}, "year-month-day"),
        ({"from": "2026-02-01", "to": "2026-01-31"}, "Exchange"),
        ({"tags": "travel"}, "array"),
        ({"tags": []}, "at least 1"),
        ({"tags": ["a\0b"]}, "printable"),
        ({"documents": ["x"]}, "documents"),
    ],
)
def test_what_is_no_filter_is_refused_with_a_remedy(reader: Caller, filters: dict[str, Any], told: str) -> None:
    for path, body in (
        ("search", QUERY),
        ("answers", {"question": "Why?"}),
        ("answers", {"question": "Why?", "stream": True}),
    ):
        reply = reader.post(f"/api/v1/{path}", json={**body, "filters": filters})
        assert reply.json is not None
        assert (reply.status_code, reply.json["code"]) == (400, "invalid_request")
        assert told in reply.json["detail"]


def test_collections_may_stand_among_the_filters_but_once(site: Site, reader: Caller, collection: str) -> None:
    hidden = site.collection()

    assert _found(reader, collections=[collection], languages=["de"]) == {"reisen.txt"}
    twice = {**QUERY, "collections": [collection], "filters": {"collections": [collection]}}
    assert reader.post("/api/v1/search", json=twice).status_code == 400
    assert reader.post("/api/v1/search", json={**QUERY, "filters": {"collections": [hidden]}}).status_code == 404


@pytest.mark.parametrize("query", ["colour=red", "types=piano", "languages=german", "from=x", "tags=%00", "since=x"])
def test_a_list_refuses_what_is_no_filter(reader: Caller, collection: str, query: str) -> None:
    assert reader.get(f"/api/v1/collections/{collection}/documents?{query}").status_code == 400


def test_a_filter_tells_nothing_of_what_is_closed(site: Site, reader: Caller, collection: str) -> None:
    stranger = site.by_key(site.user())
    closed = _listed(reader, collection)["old.txt"]["id"]

    for filters in ({"tags": ["old rules"]}, {"documents": [closed]}, {"documents": [closed], "tags": ["travel"]}):
        reply = stranger.post("/api/v1/search", json={**QUERY, "filters": filters, "explain": True}).json
        assert reply is not None and (reply["hits"], reply["explanation"]["leads"]) == ([], [])


def test_tags_are_set_and_kept_through_versions(site: Site, editor: Caller, collection: str) -> None:
    document = _listed(editor, collection)["travel.txt"]
    one = f"/api/v1/documents/{document['id']}"

    reply = editor("PUT", f"{one}/tags", json={"tags": ["Travel", " Per  diem "]}).json
    assert reply is not None and reply["tags"] == ["per diem", "travel"]
    newer = {"file": (io.BytesIO(b"The daily allowance is 30 euros."), "travel.txt"), "tags": "2027"}
    assert editor.post(f"/api/v1/collections/{collection}/documents", data=newer).status_code == 202
    site.read_everything()
    assert editor.get(one).json["tags"] == ["2027", "per diem", "travel"]  # type: ignore[index]
    assert _found(editor, tags=["per diem"]) == {"travel.txt"}
    assert editor("PUT", f"{one}/tags", json={"tags": ["travel"]}).status_code == 200


@pytest.mark.parametrize("tags", [["a,b"], [""], ["x" * 65], ["\x1b[31m"], [f"{n}" for n in range(21)], "travel", [1]])
def test_impossible_tags_change_nothing(editor: Caller, collection: str, tags: object) -> None:
    before = _listed(editor, collection)

    reply = editor("PUT", f"/api/v1/documents/{before['old.txt']['id']}/tags", json={"tags": tags})

    assert reply.status_code == 400
    assert _listed(editor, collection) == before


def test_an_upload_with_impossible_tags_stores_nothing(site: Site, editor: Caller, collection: str) -> None:
    before = _listed(editor, collection)

    for tags in ("x" * 65, ",".join(map(str, range(21)))):
        data = {"file": (io.BytesIO(b"text"), "new.txt"), "tags": tags}
        assert editor.post(f"/api/v1/collections/{collection}/documents", data=data).status_code == 400

    assert _listed(editor, collection) == before
    assert site.store.files.leftovers() == []


def test_hits_explain_themselves_when_asked(reader: Caller) -> None:
    plain = reader.post("/api/v1/search", json=QUERY).json
    told = reader.post("/api/v1/search", json={**QUERY, "explain": True}).json

    assert plain is not None and told is not None
    assert set(plain) == {"hits", "took_ms", "moderation"} and "scores" not in plain["hits"][0]
    assert set(told["hits"][0]["scores"]) == {"dense", "keyword", "card"}
    assert set(told["explanation"]["words"]) >= {"daily", "allowance"}
    assert [{k: v for k, v in hit.items() if k != "scores"} for hit in told["hits"]] == plain["hits"]
