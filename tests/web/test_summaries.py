"""Summaries and schedules over REST, worked as a worker does."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from core.values import CollectionRole
from tests.web.site import Caller, Site
from workers.summary_tasks import SummaryWorker

RENT = "The rent is 90 euros a month and must be paid on the third working day."
PETS = "Pets are allowed if the landlord agrees to them in writing."


@pytest.fixture(scope="module")
def collection(site: Site) -> str:
    """With two documents that have been read."""
    made = site.collection()
    for name, text in (("rent.txt", RENT), ("pets.txt", PETS)):
        _add(site, made, name, text)
    return made


@pytest.fixture(scope="module")
def caller(site: Site, collection: str) -> Caller:
    """Somebody who may read it."""
    return site.member(collection, CollectionRole.READER)


def _add(site: Site, collection: str, name: str, text: str) -> str:
    fields = {"file": (BytesIO(text.encode()), name)}
    reply = site.admin.post(f"/api/v1/collections/{collection}/documents", data=fields).get_json()
    site.read_everything()
    return str(reply["documents"][0]["id"])


def _worked(site: Site, *, at: datetime | None = None) -> None:
    worker = SummaryWorker(site.settings, site.store, lambda: site.services.summariser)
    if at is not None:
        worker.fire(at)
    while worker.run():
        pass


def test_a_summary_of_a_collection(site: Site, collection: str, caller: Caller) -> None:
    job = caller.post("/api/v1/summaries", json={"collection": collection, "title": "Lease"}).get_json()
    assert (job["kind"], job["state"], job["result"]) == ("summarise", "queued", None)
    _worked(site)

    done = caller.get(f"/api/v1/jobs/{job['id']}").get_json()
    assert (done["state"], done["progress"]["done"], done["progress"]["total"]) == ("done", 2, 2)
    result = done["result"]
    assert RENT in result["summary"] and PETS in result["summary"]
    assert {one["quote"] for one in result["citations"]} == {RENT, PETS}
    assert all(one["verdict"] == "supported" and one["citations"] for one in result["statements"])
    assert "extractive" in {one["code"] for one in result["notices"]}

    shown = caller.get(f"/api/v1/summaries/{job['id']}").get_json()
    assert (shown["title"], shown["summary"]["summary"], shown["changes"]) == ("Lease", result["summary"], None)
    items = caller.get(f"/api/v1/summaries/{job['id']}/items?limit=1").get_json()
    assert [one["filename"] for one in items["items"]] == ["pets.txt"]
    rest = caller.get(f"/api/v1/summaries/{job['id']}/items?cursor={items['next_cursor']}").get_json()
    assert [one["filename"] for one in rest["items"]] == ["rent.txt"] and rest["next_cursor"] is None
    assert job["id"] in {one["id"] for one in caller.get("/api/v1/summaries").get_json()["summaries"]}


def test_what_is_closed_later_is_told_no_more(site: Site) -> None:
    made = site.collection()
    kept, other = site.collection(), _add(site, made, "a.txt", RENT)
    caller = site.member(made, CollectionRole.READER)
    job = caller.post("/api/v1/summaries", json={"documents": [other]}).get_json()
    _worked(site)
    assert caller.get(f"/api/v1/jobs/{job['id']}").get_json()["result"]["summary"]

    user_id = site.store.summaries.get(job["id"]).owner
    assert user_id is not None
    site.store.collections.set_member(made, user_id, None)
    site.store.collections.set_member(kept, user_id, CollectionRole.READER)

    assert "summary" not in caller.get(f"/api/v1/jobs/{job['id']}").get_json()["result"]
    assert caller.get(f"/api/v1/summaries/{job['id']}").get_json()["summary"] is None
    assert caller.get(f"/api/v1/summaries/{job['id']}/items").get_json()["items"] == []


def test_changes_name_no_document_that_is_closed_by_now(site: Site) -> None:
    made = site.collection()
    _add(site, made, "a.txt", RENT)
    caller = site.member(made, CollectionRole.READER)
    body = {"name": "Weekly", "cron": "0 6 * * 1", "summary": {"collection": made}}
    path = f"/api/v1/schedules/{caller.post('/api/v1/schedules', json=body).get_json()['id']}/run"
    caller.post(path)
    _worked(site)
    _add(site, made, "b.txt", PETS)
    second = caller.post(path).get_json()["id"]
    _worked(site)
    changes = caller.get(f"/api/v1/summaries/{second}").get_json()["changes"]
    assert [(one["kind"], one["filename"]) for one in changes] == [("new", "b.txt")]

    owner = site.store.summaries.get(second).owner
    assert owner is not None
    site.store.collections.set_member(made, owner, None)

    assert caller.get(f"/api/v1/summaries/{second}").get_json()["changes"] is None


def test_an_estimate_writes_nothing(site: Site, collection: str, caller: Caller) -> None:
    before = caller.get("/api/v1/summaries").get_json()["summaries"]
    told = caller.post("/api/v1/summaries/estimate", json={"collection": collection}).get_json()

    assert (told["documents"], told["pages"], told["tokens"]) == (2, 2, 0)
    assert caller.get("/api/v1/summaries").get_json()["summaries"] == before


def test_filters_choose_the_documents(site: Site, collection: str, caller: Caller) -> None:
    pets = next(one.id for one in site.store.documents.page(collection) if one.filename == "pets.txt")
    site.store.tags.set(pets, ["animals"])
    elsewhere = site.collection()
    closed = _add(site, elsewhere, "closed.txt", RENT)
    site.store.tags.set(closed, ["animals"])

    for wanted in (
        {"filters": {"tags": ["animals"]}},
        {"collection": collection, "filters": {"tags": ["animals"], "types": ["txt"]}},
    ):
        assert caller.post("/api/v1/summaries/estimate", json=wanted).get_json()["documents"] == 1
        job = caller.post("/api/v1/summaries", json=wanted).get_json()
        _worked(site)
        items = caller.get(f"/api/v1/summaries/{job['id']}/items").get_json()["items"]
        assert [one["document_id"] for one in items] == [pets]

    hidden = {"filters": {"collections": [elsewhere]}}
    assert caller.post("/api/v1/summaries", json=hidden).status_code == 404
    assert caller.post("/api/v1/summaries", json={"filters": {"documents": [closed]}}).status_code == 404


def test_filters_look_only_where_the_reader_may_by_then(site: Site) -> None:
    here, there = site.collection(), site.collection()
    kept, lost = _add(site, here, "a.txt", RENT), _add(site, there, "b.txt", PETS)
    caller = site.member(here, CollectionRole.READER)
    body = {"name": "All", "cron": "0 6 * * 1", "summary": {"filters": {}}}
    made = caller.post("/api/v1/schedules", json=body).get_json()
    owner = site.store.schedules.get(made["id"]).owner
    assert owner is not None
    site.store.collections.set_member(there, owner, CollectionRole.READER)

    def taken() -> set[str]:
        job = caller.post(f"/api/v1/schedules/{made['id']}/run").get_json()
        _worked(site)
        return {one["document_id"] for one in caller.get(f"/api/v1/summaries/{job['id']}/items").get_json()["items"]}

    assert made["summary"]["filters"] == {} and taken() == {kept, lost}
    site.store.collections.set_member(there, owner, None)
    assert taken() == {kept}
    site.store.collections.set_member(here, owner, None)
    job = caller.post(f"/api/v1/schedules/{made['id']}/run").get_json()
    _worked(site)
    assert caller.get(f"/api/v1/jobs/{job['id']}").get_json()["state"] == "forbidden"


@pytest.mark.parametrize(
    "change",
    [
        {"collection": None},
        {"filters": {"colour": ["red"]}},
        {"filters": {"from": "yesterday"}},
        {"filters": {"collections": ["00000000-0000-0000-0000-000000000000"]}},
        {"documents": ["00000000-0000-0000-0000-000000000000"]},
        {"template": "poem"},
        {"language": "Klingon!"},
        {"length": "endless"},
        {"focus": "x" * 501},
        {"focus": "a\0b"},
        {"unknown": 1},
    ],
)
def test_wishes_that_make_no_sense(collection: str, caller: Caller, change: dict[str, Any]) -> None:
    reply = caller.post("/api/v1/summaries", json={"collection": collection, **change})

    assert (reply.status_code, reply.get_json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "change",
    [
        {"cron": "* * * *"},
        {"cron": "61 * * * *"},
        {"cron": "0 0 30 2 *"},
        {"cron": "@reboot"},
        {"timezone": "Mars/Base"},
        {"timezone": "../../etc/passwd"},
        {"name": ""},
        {"delivery": {"email": ["a@b.example"]}},
        {"catch_up": "twice"},
    ],
)
def test_schedules_that_make_no_sense(collection: str, caller: Caller, change: dict[str, Any]) -> None:
    body = {"name": "Daily", "cron": "0 6 * * *", "timezone": "Europe/Berlin", "summary": {"collection": collection}}
    reply = caller.post("/api/v1/schedules", json={**body, **change})

    assert (reply.status_code, reply.get_json()["code"]) == (400, "invalid_request")


def test_a_schedule_from_its_beginning_to_its_end(site: Site, collection: str, caller: Caller) -> None:
    body = {"name": "Minutely", "cron": "* * * * *", "timezone": "Europe/Berlin", "summary": {"collection": collection}}
    made = caller.post("/api/v1/schedules", json=body).get_json()
    path = f"/api/v1/schedules/{made['id']}"
    assert (made["in_words"], made["last_run"], made["paused"]) == ("Every minute", None, False)
    due = datetime.fromisoformat(made["next_run"])
    assert timedelta(0) < due - datetime.now(UTC) <= timedelta(minutes=1)
    assert made["next_runs"][0] == made["next_run"] and len(made["next_runs"]) == 5

    _worked(site, at=due)

    ran = caller.get(path).get_json()
    assert ran["last_run"]["state"] == "done" and datetime.fromisoformat(ran["next_run"]) > due
    run = caller.get(f"/api/v1/summaries/{ran['last_run']['job_id']}").get_json()
    assert (run["schedule_id"], run["title"]) == (made["id"], "Minutely")
    assert datetime.fromisoformat(run["due_at"]) == due
    assert RENT in run["summary"]["summary"]

    job = caller.post(f"{path}/run").get_json()
    _worked(site)
    again = caller.get(f"/api/v1/summaries/{job['id']}").get_json()
    assert (again["state"], again["changes"], again["due_at"]) == ("done", [], None)
    assert all(one["reused"] for one in caller.get(f"/api/v1/summaries/{job['id']}/items").get_json()["items"])

    paused = caller("PATCH", path, json={"paused": True, "name": "Quiet"}).get_json()
    assert (paused["next_run"], paused["name"], paused["paused"]) == (None, "Quiet", True)
    assert caller("PATCH", path, json={"paused": False}).get_json()["next_run"] is not None
    assert made["id"] in {one["id"] for one in caller.get("/api/v1/schedules").get_json()["schedules"]}
    assert caller("DELETE", path).status_code == 200
    assert caller.get(path).status_code == 404
    assert caller.get(f"/api/v1/summaries/{job['id']}").status_code == 200
