"""Commands warn operators in the EU of models that see pictures, and nobody else."""

import json
from pathlib import Path

import pytest

from cli.main import main
from core.settings import Settings

SCOUT = "meta-llama/Llama-4-Scout-17B-16E-Instruct"
_HUGE = 2**40


@pytest.fixture(params=[True, False], ids=["inside", "outside"])
def inside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the operator is in the EU."""
    monkeypatch.setenv("ARCHIVAR_OPERATOR_IN_EU", str(request.param))
    return bool(request.param)


def test_downloading(inside: bool, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["llm", "download", "Llama-Guard-4-12B", "--data", str(settings.data)]) == 1

    assert ("Warning: meta-llama/Llama-Guard-4-12B sees pictures" in capsys.readouterr().err) == inside


def test_serving(inside: bool, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "Llama-4-Scout-17B-16E-Instruct"
    folder.mkdir()
    shape = {"num_hidden_layers": 1, "num_attention_heads": 1, "hidden_size": 64, "intermediate_size": 64}
    (folder / "config.json").write_text(json.dumps({**shape, "vocab_size": 100, "max_position_embeddings": 4096}))
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    with (folder / "model.safetensors").open("wb") as weights:
        weights.truncate(_HUGE)  # takes no room on the disk, and fits no machine

    assert main(["llm", "serve", str(folder), "--port", "0", "--data", str(settings.data)]) == 1

    said = capsys.readouterr()
    assert "Take a smaller model" in said.err
    assert (f"Warning: {folder.name} sees pictures" in said.out) == inside


def test_the_doctor(
    inside: bool, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVAR_LLM_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ARCHIVAR_LLM_MODEL", SCOUT)

    assert main(["doctor", "--json", "--data", str(settings.data)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["doctor", "--data", str(settings.data)]) == 0

    assert told["ok"] and [one.split()[0] for one in told["warnings"]] == [SCOUT] * inside
    assert (f"Warning: {SCOUT} sees pictures" in capsys.readouterr().out) == inside
