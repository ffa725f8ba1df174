"""Verdicts from a file."""

import json
from pathlib import Path

import pytest

from cli.main import main
from core.settings import Settings

PASSAGES = ["Unrelated words.", "The ferry leaves at nine. It carries 120 cars."]


def file_of(folder: Path, *lines: object) -> Path:
    path = folder / "sentences.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_each_line_has_a_verdict_with_its_span(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(
        tmp_path,
        {"id": "a", "sentence": "One hundred and twenty cars fit on it.", "passages": PASSAGES},
        "",
        {"id": 2, "sentence": "It carries 90 cars.", "passages": PASSAGES},
        {"id": "none", "sentence": "It carries 120 cars.", "passages": []},
    )

    assert main(["verdict", str(path), "--json", "--data", str(settings.data)]) == 0
    results = json.loads(capsys.readouterr().out)["results"]

    assert [one["id"] for one in results] == ["a", 2, "none"]
    assert [one["verdict"] for one in results] == ["supported", "unsupported", "unsupported"]
    assert results[0]["span"] == "It carries 120 cars." and results[2]["span"] is None
    assert "number" in results[1]["reasons"]
    assert main(["verdict", str(path), "--data", str(settings.data)]) == 0
    assert "unsupported" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2"),
        ('{"id": "x", "sentence": "y"}', "line 2: passages"),
        ('{"id": "x", "sentence": 5, "passages": []}', "line 2: sentence"),
        ('{"id": "x", "sentence": "y", "passages": "z"}', "line 2: passages"),
    ],
)
def test_a_bad_line_is_named(
    line: str, complaint: str, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(tmp_path, {"id": 1, "sentence": "x", "passages": []}, line)

    assert main(["verdict", str(path), "--json", "--data", str(settings.data)]) == 2
    assert complaint in capsys.readouterr().err


def test_an_empty_file_is_bad_usage(tmp_path: Path, settings: Settings) -> None:
    assert main(["verdict", str(file_of(tmp_path)), "--data", str(settings.data)]) == 2
