"""`archivar moderation` and `archivar moderate`."""

import csv
import io
import json
from pathlib import Path

import pytest

from core.settings import Settings
from core.storage import tables as t
from core.storage.chain import Entry
from core.storage.store import Store
from tests import factories
from tests.cli.conftest import Archivar


def fill(settings: Settings) -> None:
    """Two decisions, one of them with text that a spreadsheet would run."""
    store = Store(settings)
    harmless = Entry(
        at=1_700_000_000.0,
        request_id="r",
        point="question",
        action="allow",
        detector="words 1",
        policy_version="1+abc",
        text_sha256="0" * 64,
    )
    evil = Entry(
        at=1_700_000_001.0,
        request_id="r",
        point="answer",
        action="block",
        category="S10",
        detector="words 1",
        policy_version="1+abc",
        text_sha256="1" * 64,
        score=0.9,
        excerpt='=HYPERLINK("http://evil.example")\n\x1b[31mred',
        detail={"kind": "x"},
    )
    store.decisions.append([harmless, evil])
    store.close()


def test_the_log_on_the_command_line(archivar: Archivar, settings: Settings, tmp_path: Path) -> None:
    assert archivar("moderation", "log").stdout == "Nothing was decided.\n"
    fill(settings)

    shown = archivar("moderation", "log").stdout
    listed = archivar("moderation", "log", "--action", "block", "--json").json["decisions"]
    archivar("moderation", "export", "--output", tmp_path / "log.csv")
    lines = [json.loads(line) for line in archivar("moderation", "export", "--format", "jsonl").stdout.splitlines()]

    assert "\x1b" not in shown
    # The first row says that somebody looked at the empty log.
    assert [line.split()[0] for line in shown.splitlines()] == ["3", "2", "1"]
    assert [(one["number"], one["category"]) for one in listed] == [(3, "S10")]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "log.csv").read_text())))
    assert [row["number"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert rows[2]["excerpt"].startswith("'=HYPERLINK")
    assert rows[2]["detail"] == '{"kind": "x"}'
    assert lines[2] == listed[0]
    assert set(rows[0]) == set(lines[0])


def test_whoever_looks_at_the_log_stands_in_it(archivar: Archivar, settings: Settings) -> None:
    fill(settings)

    archivar("moderation", "log", "--action", "block", "--limit", "5")
    archivar("moderation", "export", "--format", "jsonl")

    store = Store(settings)
    looks = [d.entry for d in store.decisions.all() if d.entry.point == "looked_at"]
    assert store.decisions.verify().trouble == ""
    store.close()
    assert [one.detail for one in looks] == [
        {"how": "command", "action": "block", "limit": 5},
        {"how": "export", "format": "jsonl"},
    ]
    assert {one.user_id for one in looks} == {None}


def test_a_changed_log_does_not_verify(archivar: Archivar, settings: Settings) -> None:
    fill(settings)
    whole = archivar("moderation", "verify", "--json")
    store = Store(settings)
    with store.database.write() as connection:
        connection.execute(t.decisions.update().where(t.decisions.c.number == 2).values(action="allow"))
    store.close()

    changed = archivar("moderation", "verify")

    assert (whole.status, whole.json["ok"], whole.json["decisions"]) == (0, True, 2)
    assert changed.status == 1
    assert "Decision 2 was changed." in changed.stdout


def test_a_broken_policy_is_told(archivar: Archivar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = archivar("moderation", "policy", "--json")
    policy = tmp_path / "policy.toml"
    policy.write_text("[categories.S15]\nquestion = 'log'")
    monkeypatch.setenv("ARCHIVAR_MODERATION_POLICY", str(policy))

    broken = archivar("moderation", "policy", "--json")

    assert (sound.status, sound.json["source"], sound.json["trouble"]) == (0, "default", "")
    assert (broken.status, broken.json["version"]) == (1, sound.json["version"])
    assert "S15" in broken.json["trouble"]


def test_texts_in_a_file(archivar: Archivar, tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    texts = ["How long is the notice period?", "", "Write to ann@example.org.\u2028", "x" * 100_000]
    lines = [{"id": str(n), "text": text, "point": "answer" if n % 2 else "question"} for n, text in enumerate(texts)]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n")

    told = archivar("moderate", file, "--json")
    shown = archivar("moderate", file)

    assert told.status == shown.status == 0
    assert set(told.json) == {"results", "took_ms"}
    assert [result["id"] for result in told.json["results"]] == ["0", "1", "2", "3"]
    for result in told.json["results"]:
        assert set(result) == {"id", "score", "scores", "categories", "flagged", "action", "pii"}
        assert 0 <= result["score"] <= 1
    assert told.json["results"][0]["action"] == "allow"
    assert len(shown.stdout.splitlines()) == 4


@pytest.mark.parametrize("line", ['{"id": "1"}', "{", '{"id": "1", "text": "x", "point": "nowhere"}', "\udcff"])
def test_a_line_that_makes_no_sense_is_named(archivar: Archivar, tmp_path: Path, line: str) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b'{"id": "0", "text": "x"}\n' + line.encode(errors="surrogateescape"))

    ran = archivar("moderate", file, "--json")

    assert ran.status == 2
    assert ran.json["error"]["code"] == "invalid_request"
    assert "line 2" in ran.json["error"]["message"] or "UTF-8" in ran.json["error"]["message"]


def test_an_excerpt_that_went_with_a_document_is_told_as_that(
    archivar: Archivar, settings: Settings, tmp_path: Path
) -> None:
    store = Store(settings)
    uploaded = factories.upload(store)
    factories.publish(store, uploaded, "The heron of Zwickau stands in the reeds and counts eleven carp.")
    gone = uploaded.document.id
    said = Entry(1.7e9, "r", "answer", "log", "d", "p", "0" * 64, excerpt="A heron.", detail={"documents": [gone]})
    store.decisions.append([said])
    receipt = store.documents.delete(gone).receipt
    store.close()

    told = archivar("moderation", "verify", "--json").json
    line = archivar("moderation", "log", "--point", "answer").stdout
    archivar("moderation", "export", "--output", tmp_path / "log.csv")

    assert (told["ok"], told["erased"], receipt.body["removed"]["excerpts"]) == (True, 1, 1)
    assert "1 excerpt erased" in archivar("moderation", "verify").stdout
    assert f"with document {gone}]" in line and "[excerpt erased 20" in line
    first = next(csv.DictReader(io.StringIO((tmp_path / "log.csv").read_text())))
    assert (first["excerpt"], first["excerpt_salt"], first["erased_for"]) == ("", "", gone)
    assert first["excerpt_sha256"] and first["erased_at"].startswith("20")
