"""Own templates over REST: who may use and change them, what they may hold, and that summaries are written by them."""

from typing import Any

import pytest

from core.values import CollectionRole, InstallationRole
from tests.web.site import Caller, Site
from workers.summary_tasks import SummaryWorker

PATH = "/api/v1/summary-templates"
PAY = {"title": "Pay", "instructions": "who is paid how much", "words": ["salar*"], "headings": ["Salaries"]}
TEXT = (
    "The salary of the gardener is 2,000 euros a month from spring on.",
    "The garden is open to everybody who lives in the house.",
)


@pytest.fixture
def caller(site: Site) -> Caller:
    """Somebody with a new account."""
    return site.by_key(site.user())


def _work(site: Site) -> None:
    worker = SummaryWorker(site.settings, site.store, lambda: site.services.summariser)
    while worker.run():
        pass


def test_a_template_from_its_beginning_to_its_end(site: Site, caller: Caller) -> None:
    made = caller.post(PATH, json=PAY).get_json()
    assert (made["title"], made["words"], made["shared"], made["built_in"]) == ("Pay", ["salar*"], False, False)
    path = f"{PATH}/{made['id']}"
    assert caller("PUT", path, json={**PAY, "title": "Wages", "shared": True}).get_json()["title"] == "Wages"
    listed = caller.get(PATH).get_json()["templates"]
    assert next(one["id"] for one in listed if one["built_in"]) == "executive"
    assert [(one["id"], one["shared"]) for one in listed if not one["built_in"]] == [(made["id"], False)]
    stranger = site.by_key(site.user())
    assert stranger.get(path).status_code == stranger("DELETE", path).status_code == 404
    assert made["id"] not in {one["id"] for one in stranger.get(PATH).get_json()["templates"]}
    assert caller("DELETE", path).status_code == 200
    assert caller.get(path).status_code == 404


def test_shared_ones_are_up_to_administrators(site: Site, caller: Caller) -> None:
    assert caller.post(PATH, json={**PAY, "shared": True}).status_code == 403
    admin = site.by_key(site.user(InstallationRole.ADMIN))
    path = f"{PATH}/{admin.post(PATH, json={**PAY, 'shared': True}).get_json()['id']}"

    assert caller.get(path).get_json()["shared"]
    assert caller("PUT", path, json=PAY).status_code == caller("DELETE", path).status_code == 403
    assert admin("DELETE", path).status_code == 200


def test_summaries_are_written_by_what_the_template_said_when_they_were_asked_for(site: Site) -> None:
    collection = site.collection()
    document = site.document(collection, *TEXT)
    caller = site.member(collection, CollectionRole.READER)
    template = caller.post(PATH, json=PAY).get_json()["id"]
    wish = {"documents": [document.id], "template": template}
    assert caller.post("/api/v1/summaries/estimate", json=wish).get_json()["documents"] == 1
    job = caller.post("/api/v1/summaries", json=wish).get_json()["id"]
    caller("DELETE", f"{PATH}/{template}")
    _work(site)

    said = caller.get(f"/api/v1/summaries/{job}").get_json()["summary"]
    assert [one["text"] for one in said["statements"]] == [TEXT[0]]
    assert caller.post("/api/v1/summaries", json=wish).status_code == 404


def test_schedules_follow_a_template_that_changes(site: Site) -> None:
    collection = site.collection()
    site.document(collection, *TEXT)
    caller = site.member(collection, CollectionRole.READER)
    template = caller.post(PATH, json=PAY).get_json()["id"]
    body = {"name": "W", "cron": "0 6 * * 1", "summary": {"collection": collection, "template": template}}
    schedule = caller.post("/api/v1/schedules", json=body).get_json()["id"]

    def said() -> list[str]:
        job = caller.post(f"/api/v1/schedules/{schedule}/run").get_json()["id"]
        _work(site)
        summary = caller.get(f"/api/v1/summaries/{job}").get_json()["summary"]
        return [one["text"] for one in summary["statements"]]

    assert said() == [TEXT[0]]
    caller("PUT", f"{PATH}/{template}", json={**PAY, "words": ["garden"]})
    assert said() == [TEXT[1]]


def test_a_preview_tries_a_template_on_a_document(site: Site) -> None:
    collection = site.collection()
    document = site.document(collection, *TEXT)
    caller = site.member(collection, CollectionRole.READER)
    job = caller.post(f"{PATH}/preview", json={**PAY, "document": document.id}).get_json()["id"]
    _work(site)

    assert caller.get(f"/api/v1/jobs/{job}").get_json()["result"]["statements"][0]["text"] == TEXT[0]
    assert not [one for one in caller.get(PATH).get_json()["templates"] if not one["built_in"]]
    stranger = site.by_key(site.user())
    assert stranger.post(f"{PATH}/preview", json={**PAY, "document": document.id}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"instructions": " "},
        {"instructions": "x" * 1001},
        {"words": ["*"]},
        {"words": ["a*b"]},
        {"words": ["ab"] * 101},
        {"headings": ["x"] * 9},
        {"title": "a\0b"},
        {"owner": "somebody"},
    ],
)
def test_templates_that_make_no_sense(caller: Caller, change: dict[str, Any]) -> None:
    assert caller.post(PATH, json={**PAY, **change}).status_code == 400
