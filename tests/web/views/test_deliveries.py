"""Deliveries over REST: asked for with schedules and runs, shown with them, and asked for again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.values import CollectionRole
from tests.web.site import Caller, Site, opened
from workers.delivery.deliverer import Deliverer
from workers.summary_tasks import SummaryWorker

ORIGIN = "https://hooks.example.org"
SECRET = "a-secret-of-the-operator-and-nobody-else"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Where everything is set up, though nothing answers."""
    folder = tmp_path_factory.mktemp("reports")
    with opened(
        tmp_path_factory.mktemp("site") / "data",
        mail_server="127.0.0.1:9",
        mail_from="archivar@example.org",
        mail_password="a password",
        webhook_origins=(ORIGIN,),
        webhook_secret=SECRET,
        delivery_folder=str(folder),
    ) as one:
        yield one


@pytest.fixture(scope="module")
def caller(site: Site) -> Caller:
    """Somebody who may read a collection with a document."""
    made = site.collection()
    site.document(made, "The rent is 90.")
    return site.member(made, CollectionRole.READER)


def _body(caller: Caller, **delivery: object) -> dict[str, object]:
    (collection,) = caller.get("/api/v1/collections").get_json()["collections"]
    return {
        "name": "Weekly",
        "cron": "0 6 * * 1",
        "summary": {"collection": collection["id"]},
        "delivery": delivery,
    }


def _worked(site: Site) -> None:
    worker = SummaryWorker(site.settings, site.store, lambda: site.services.summariser)
    while worker.run():
        pass
    deliverer = Deliverer(site.settings, site.store)
    while deliverer.deliver():
        pass


def test_it_says_which_ways_there_are(caller: Caller) -> None:
    told = caller.get("/api/v1/deliveries").get_json()

    assert told == {"email": True, "webhook": True, "folder": True, "webhook_origins": [ORIGIN]}


def test_a_schedule_keeps_its_wishes_and_shows_no_secret(caller: Caller) -> None:
    wanted = {"url": f"{ORIGIN}/T0/secret-path?token=secret-token"}
    made = caller.post("/api/v1/schedules", json=_body(caller, webhook=wanted, folder={"format": "html"}))

    assert made.status_code == 201
    path = f"/api/v1/schedules/{made.get_json()['id']}"
    assert made.get_json()["delivery"] == {
        "webhook": {"format": "json", "language": "en", "url": f"{ORIGIN}/…"},
        "folder": {"format": "html", "language": "en"},
    }
    changed = caller("PATCH", path, json={"delivery": {"folder": None}}).get_json()
    assert list(changed["delivery"]) == ["webhook"]
    renamed = caller("PATCH", path, json={"name": "Monthly"}).get_json()
    assert list(renamed["delivery"]) == ["webhook"]
    for text in (made.text, caller.get(path).text, caller.get("/api/v1/schedules").text):
        assert "secret" not in text


@pytest.mark.parametrize(
    "delivery",
    [
        {"email": {"to": ["somebody@elsewhere.example"]}},
        {"email": {"to": []}},
        {"email": {"to": "mira@example.org"}},
        {"webhook": {"url": "https://elsewhere.example/"}},
        {"webhook": {"url": "http://169.254.169.254/latest/meta-data"}},
        {"webhook": {}},
        {"folder": {"format": "pdf"}},
        {"folder": {"path": "/etc"}},
        {"folder": {"language": "xx"}},
        {"pigeon": {}},
    ],
)
def test_what_may_not_be_is_refused_at_once(caller: Caller, delivery: dict[str, object]) -> None:
    schedule = _body(caller, **delivery)
    kept = caller.post("/api/v1/schedules", json=_body(caller)).get_json()

    assert caller.post("/api/v1/schedules", json=schedule).status_code == 400
    summary = schedule["summary"]
    assert isinstance(summary, dict)
    assert caller.post("/api/v1/summaries", json={**summary, "delivery": delivery}).status_code == 400
    assert caller("PATCH", f"/api/v1/schedules/{kept['id']}", json={"delivery": delivery}).status_code == 400


def test_the_state_is_shown_and_a_report_delivered_again(site: Site, caller: Caller) -> None:
    made = caller.post("/api/v1/schedules", json=_body(caller, folder={"format": "markdown"})).get_json()
    run = caller.post(f"/api/v1/schedules/{made['id']}/run").get_json()
    waiting = caller.get(f"/api/v1/summaries/{run['id']}").get_json()["deliveries"]
    assert [(one["channel"], one["state"], one["attempts"]) for one in waiting] == [("folder", "waiting", 0)]

    _worked(site)

    (file,) = Path(site.settings.delivery_folder).iterdir()
    assert run["id"] in file.name and "The rent is 90" in file.read_text()
    (told,) = caller.get(f"/api/v1/summaries/{run['id']}").get_json()["deliveries"]
    assert (told["state"], told["attempts"], told["error"], told["next_attempt"]) == ("delivered", 1, None, None)
    shown = caller.get(f"/api/v1/schedules/{made['id']}").get_json()["last_run"]
    assert (shown["id"], shown["deliveries"]) == (run["id"], [told])
    listed = caller.get("/api/v1/summaries").get_json()["summaries"]
    assert [one["deliveries"] for one in listed if one["id"] == run["id"]] == [[told]]
    assert caller.get(f"/api/v1/jobs/{run['id']}").get_json()["result"]["deliveries"] == [told]

    file.unlink()
    path = f"/api/v1/summaries/{run['id']}/deliveries"
    again = caller.post(path, json={"channel": "folder"})
    assert (again.status_code, again.get_json()["state"]) == (202, "waiting")
    _worked(site)
    assert file.exists()
    for channel, status in (("email", 404), ("pigeon", 400)):
        assert caller.post(path, json={"channel": channel}).status_code == status

    place = f"/api/v1/summaries/{run['id']}"
    assert site.by_key(site.user())("DELETE", place).status_code == 404
    assert caller("DELETE", place).get_json() == {"summary_id": run["id"]}
    assert file.exists()
    for gone in (place, f"/api/v1/jobs/{run['id']}", f"/summaries/{run['id']}"):
        assert caller.get(gone).status_code == 404
    assert caller("DELETE", place).status_code == caller.post(path, json={"channel": "folder"}).status_code == 404
    assert caller.get(f"/api/v1/schedules/{made['id']}").get_json()["last_run"] is None


def test_one_summary_is_delivered_too(site: Site, caller: Caller) -> None:
    summary = _body(caller)["summary"]
    assert isinstance(summary, dict)
    wanted = {**summary, "delivery": {"folder": {"format": "json"}}}
    run = caller.post("/api/v1/summaries", json=wanted).get_json()

    _worked(site)

    files = [file for file in Path(site.settings.delivery_folder).iterdir() if run["id"] in file.name]
    assert [file.suffix for file in files] == [".json"]
