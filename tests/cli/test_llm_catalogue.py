"""`llm list` and `llm plan` as people and as programs read them."""

import json
from pathlib import Path

import pytest

from cli.main import main
from core.settings import Settings
from llm import catalogue, local_models


def said(capsys: pytest.CaptureFixture[str], settings: Settings, *arguments: str) -> str:
    assert main(["llm", *arguments, "--data", str(settings.data)]) == 0
    return capsys.readouterr().out


def test_the_family_is_listed_with_what_is_here(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    here = settings.models_dir / "meta-llama" / "Llama-3.2-1B-Instruct"
    here.mkdir(parents=True)
    (here / local_models.MANIFEST).touch()

    table = said(capsys, settings, "list")
    listed = json.loads(said(capsys, settings, "list", "--json"))["models"]

    assert all(one.name in table for one in catalogue.entries())
    assert "* Llama-3.2-1B-Instruct" in table
    assert "108.6 B (17.2 B active)" in table
    assert [one["name"] for one in listed if one["downloaded"]] == ["Llama-3.2-1B-Instruct"]
    scout = next(one for one in listed if one["name"] == "Llama-4-Scout-17B-16E-Instruct")
    assert scout["licence"]["eu_clause"] and scout["modalities"] == ["text", "image"]


def test_a_plan_begins_with_its_outcome(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    text = said(capsys, settings, "plan", "Llama 3 8B", "--gpu", "RTX 4090", "--users", "3", "--context", "4096")
    told = json.loads(
        said(capsys, settings, "plan", "Llama 4 Scout", "--memory", "80", "--quantisation", "4bit", "--json")
    )

    assert text.startswith("Meta-Llama-3-8B in bf16 fits on one RTX 4090 (24 GB)")
    assert "4,096 tokens each" in text and "128 KiB" in text
    assert told["fits"] and told["best"]["gpus"] == 1 and told["best"]["quantisation"] == "4bit"
    assert told["active_parameters"] < told["parameters"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["no such model"], 1, "llm list"),
        (["llama 3.1"], 2, "Say which"),
        (["Llama 3 8B", "--gpu", "GTX"], 1, "RTX 4090"),
        (["Llama 3 8B", "--users", "none"], 2, "none"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["llm", "plan", *arguments, "--data", str(tmp_path)]) == status
    assert message in capsys.readouterr().err
