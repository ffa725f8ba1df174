"""Which licence a model's name means, and whom the clause about the EU concerns."""

import json

import pytest

from core.settings import Settings, load_settings
from llm import duties, local_models
from llm.catalogue import licences


@pytest.mark.parametrize(
    ("model", "licence"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", licences.LLAMA_3_1),
        ("llama3.1:8b-instruct-q4_K_M", licences.LLAMA_3_1),
        ("llama3:70b", licences.LLAMA_3),
        ("hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", licences.LLAMA_3_1),
        ("Hermes-3-Llama-3.1-8B", licences.LLAMA_3_1),
        ("llama3.2-vision", licences.LLAMA_3_2),
        ("llama3_3-70b", licences.LLAMA_3_3),
        ("llama4:scout", licences.LLAMA_4),
        ("llama2-13b-chat-gptq", licences.LLAMA_2),
        ("codellama:7b-code", licences.LLAMA_2),
        ("llama-guard3:latest", licences.LLAMA_3_1),
        ("Llama-Guard-3-1B", licences.LLAMA_3_2),
        ("Llama-7B", licences.LLAMA_1),
        ("llama-7b-finetuned", licences.LLAMA),
        ("my-llama", licences.LLAMA),
        ("qwen2.5:7b", None),
        ("mistral", None),
        ("", None),
    ],
)
def test_a_name_means_a_licence(model: str, licence: licences.Licence | None) -> None:
    assert duties.licence_of(model) is licence


def test_versions_of_the_conditions_tell_them_apart() -> None:
    every = [*licences.BY_GENERATION.values(), licences.LLAMA]

    assert len({one.version for one in every}) == len(every)
    assert all(0 < len(one.version) <= 60 for one in every)
    assert licences.LLAMA_3_1.version == "Llama 3.1, 2024-07-23"


@pytest.mark.parametrize(
    ("model", "concerned"),
    [
        ("Llama-3.2-11B-Vision-Instruct", True),
        ("llama3.2-vision:latest", True),
        ("llama4:scout", True),
        ("llama-guard4:12b", True),
        ("Llama-Guard-4-12B", True),
        ("llama3.2:3b", False),
        ("Llama-3.3-70B-Instruct", False),
        ("Llama-Guard-3-8B", False),
        ("qwen2.5-vision", False),
    ],
)
def test_operators_in_the_eu_are_warned_of_models_that_see(model: str, concerned: bool) -> None:
    inside, outside = load_settings(operator_in_eu=True), load_settings()

    assert duties.eu_warning(outside, model) == ""
    said = duties.eu_warning(inside, model)
    assert ("principal" in said and model in said) == concerned == bool(said)


def test_the_attached_and_the_downloaded_are_looked_at(settings: Settings) -> None:
    changed = {"operator_in_eu": True, "llm_url": "http://127.0.0.1:9", "llm_model": "openai:llama4:scout"}
    folder = settings.models_dir / "meta-llama" / "Llama-Guard-4-12B"
    folder.mkdir(parents=True)
    (folder / local_models.MANIFEST).write_text("{}")
    gone = {"model": "meta-llama/Llama-3.2-11B-Vision", "folder": str(settings.models_dir / "gone")}
    lines = [{"model": "meta-llama/Llama-Guard-4-12B", "folder": str(folder)}] * 2 + [gone]
    (settings.models_dir / local_models.REGISTER).write_text("\n".join(map(json.dumps, lines)))

    found = duties.eu_warnings(settings.model_copy(update=changed))

    assert [one.split()[0] for one in found] == ["llama4:scout", "meta-llama/Llama-Guard-4-12B"]
    assert duties.eu_warnings(settings) == []
