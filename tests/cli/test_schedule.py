"""Schedules at the command line: added, listed, paused, run with their deliveries, and removed."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from core.settings import Settings
from core.storage.store import Store
from core.summaries import OwnTemplate
from core.values import InstallationRole
from tests.llm.conftest import embedder, publish_text
from tests.retrieval.conftest import Publish

__all__ = ["embedder", "publish_text"]

LEASE = "The tenant must pay the rent by the third day of each month. The house was painted white in the year 1990."
WEEKLY = ["Weekly", "--cron", "0 6 * * 1", "--collection", "Contracts", "--timezone", "Europe/Berlin"]


@pytest.fixture(autouse=True)
def lease(publish_text: Publish) -> str:
    """The id of the document of a collection."""
    return publish_text("lease.txt", LEASE).id


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where reports go."""
    reports = tmp_path / "reports"
    reports.mkdir()
    monkeypatch.setenv("ARCHIVAR_DELIVERY_FOLDER", str(reports))
    return reports


class Schedules:
    """Runs `schedule` and reads what it printed."""

    def __init__(self, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        self._data = str(settings.data)
        self._capsys = capsys

    def __call__(self, *arguments: str, status: int = 0) -> Any:
        """The object that a command printed."""
        assert main(["schedule", *arguments, "--json", "--data", self._data]) == status
        printed = self._capsys.readouterr().out
        return json.loads(printed) if printed else None

    def text(self, *arguments: str) -> str:
        """What a command said to people."""
        assert main(["schedule", *arguments, "--data", self._data]) == 0
        return self._capsys.readouterr().out


@pytest.fixture
def schedules(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Schedules:
    """Runs `schedule`."""
    return Schedules(settings, capsys)


def test_a_schedule_from_its_beginning_to_its_end(schedules: Schedules, folder: Path) -> None:
    made = schedules("add", *WEEKLY, "--template", "obligations", "--folder")
    assert (made["name"], made["timezone"], made["paused"]) == ("Weekly", "Europe/Berlin", False)
    assert made["summary"]["template"] == "obligations" and len(made["next_runs"]) == 5
    assert made["delivery"] == {"folder": {"format": "markdown", "language": "en"}}
    assert [one["id"] for one in schedules("list")["schedules"]] == [made["id"]]

    assert schedules("pause", "Weekly")["next_run"] is None
    assert schedules("resume", made["id"])["next_run"] == made["next_run"]

    ran = schedules("run", "Weekly")
    assert (ran["state"], ran["result"]["summarised"]) == ("done", 1)
    assert [(one["channel"], one["state"]) for one in ran["deliveries"]] == [("folder", "delivered")]
    (file,) = folder.iterdir()
    assert "The tenant must pay the rent" in file.read_text() and ran["id"] in file.name
    assert schedules("list")["schedules"][0]["last_run"]["id"] == ran["id"]

    assert schedules("remove", "Weekly") == {"id": made["id"], "removed": True}
    assert schedules("list") == {"schedules": []}


def test_runs_are_listed_shown_delivered_again_and_removed(
    schedules: Schedules, folder: Path, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    schedules("add", *WEEKLY, "--folder")
    run_id = schedules("run", "Weekly")["id"]
    (file,) = folder.iterdir()
    file.unlink()

    def summary(*arguments: str, status: int = 0) -> Any:
        assert main(["summary", *arguments, "--json", "--data", str(settings.data)]) == status
        return json.loads(capsys.readouterr().out)

    assert [one["id"] for one in summary("list")["summaries"]] == [run_id]
    assert summary("show", run_id)["summary"]["statements"][0]["citations"] == [1]
    assert main(["summary", "show", run_id, "--data", str(settings.data)]) == 0
    said = capsys.readouterr().out
    assert "done, 1 document\n  folder: delivered" in said and "- The tenant must pay" in said
    assert summary("deliver", run_id, "folder")["state"] == "delivered"
    assert file.exists()
    assert summary("deliver", run_id, "email", status=1)["error"]["code"] == "not_found"
    assert summary("remove", run_id) == {"id": run_id, "removed": True}
    assert summary("list") == {"summaries": []} and file.exists()
    assert summary("show", run_id, status=1)["error"]["code"] == "not_found"


def test_own_templates_are_named_by_title_or_id(
    schedules: Schedules, store: Store, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    mira = store.people.add("mira@example.org", InstallationRole.MEMBER).id
    jon = store.people.add("jon@example.org", InstallationRole.MEMBER).id
    paint = store.templates.add(OwnTemplate("", mira, "Paint", "", "what was painted", words=("paint*",))).id
    by = ["--template", "Paint"]

    for user in ([], ["--user", "mira@example.org"]):
        assert schedules("add", *WEEKLY, *by, *user)["summary"]["template"] == paint
    assert schedules("add", *WEEKLY, *by, "--user", "jon@example.org", status=2)["error"]["code"] == "invalid_request"
    for wanted in (by, ["--template", paint]):
        command = ["summarise", "--collection", "Contracts", *wanted, "--json", "--data", str(settings.data)]
        assert main(command) == 0
        told = json.loads(capsys.readouterr().out)
        assert [one["text"] for one in told["statements"]] == ["The house was painted white in the year 1990."]
    store.templates.add(OwnTemplate("", jon, "Paint", "", "something else"))
    schedules("add", *WEEKLY, *by, status=2)
    assert schedules("add", *WEEKLY, *by, "--user", "mira@example.org")["summary"]["template"] == paint


def test_people_are_told_in_words(schedules: Schedules) -> None:
    assert "no schedules" in schedules.text("list")
    schedules.text("add", *WEEKLY, "--folder")

    assert "folder: delivered" in schedules.text("run", "Weekly")
    shown = schedules.text("list")
    assert "Weekly" in shown and "goes out by folder" in shown and "done; folder delivered" in shown


def test_a_second_run_says_that_nothing_changed(schedules: Schedules, folder: Path) -> None:
    schedules("add", *WEEKLY, "--folder", "--format", "json")

    for _ in range(2):
        schedules("run", "Weekly")

    assert sorted(json.loads(file.read_text())["unchanged"] for file in folder.iterdir()) == [False, True]


def test_a_person_s_schedule_reads_what_that_person_may(schedules: Schedules, store: Store) -> None:
    store.people.add("mira@example.org", InstallationRole.MEMBER)
    schedules("add", *WEEKLY, "--folder", "--user", "mira@example.org")

    ran = schedules("run", "Weekly", status=1)

    assert ran["state"] == "forbidden"
    assert [one["state"] for one in ran["deliveries"]] == ["forbidden"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--cron", "every day"],
        ["--timezone", "Nowhere"],
        ["--template", "poem"],
        ["--document", "x"],
        ["--mail-to", "mira@example.org"],
        ["--webhook", "https://hooks.example.org"],
    ],
)
def test_what_makes_no_sense_is_bad_usage(schedules: Schedules, wrong: list[str]) -> None:
    schedules("add", *WEEKLY, *wrong, status=2)

    assert schedules("list") == {"schedules": []}


def test_a_name_that_two_have_is_not_enough(schedules: Schedules) -> None:
    first = schedules("add", *WEEKLY)["id"]
    schedules("add", *WEEKLY)

    schedules("remove", "Weekly", status=2)
    schedules("remove", first)
    schedules("remove", "Weekly")
    assert schedules("remove", "Weekly", status=1)["error"]["code"] == "not_found"
