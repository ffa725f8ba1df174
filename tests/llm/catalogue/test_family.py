"""The catalogue against what the models' cards state, and which model a name means."""

import pytest

from core.errors import InvalidRequest, NotFound
from llm import catalogue, catalogue_words, planning

# Parameters in billions and kibibytes of keys and values a token, as cards and configurations state them.
STATED = {
    "Llama-7B": (6.74, 512),
    "Llama-65B": (65.2, 2560),
    "Llama-2-13b-chat-hf": (13.0, 800),
    "Llama-2-70b-hf": (69.0, 320),
    "CodeLlama-34b-Instruct-hf": (33.7, 192),
    "Meta-Llama-3-8B": (8.03, 128),
    "Llama-3.1-70B-Instruct": (70.6, 320),
    "Llama-3.1-405B": (405.9, 504),
    "Llama-3.2-1B": (1.24, 32),
    "Llama-3.2-3B": (3.21, 112),
    "Llama-3.2-11B-Vision": (10.7, 160),
    "Llama-3.2-90B-Vision": (88.6, 400),
    "Llama-4-Scout-17B-16E": (108.6, 192),
    "Llama-4-Maverick-17B-128E": (401.6, 192),
    "Llama-Guard-4-12B": (12.0, 192),
}


@pytest.mark.parametrize(("name", "billions", "kibibytes"), [(name, *figures) for name, figures in STATED.items()])
def test_sizes_are_those_of_the_cards(name: str, billions: float, kibibytes: int) -> None:
    shape = catalogue.find(name).shape

    assert shape.total / 1e9 == pytest.approx(billions, rel=0.005)
    assert shape.per_token == kibibytes * 1024


@pytest.mark.parametrize("name", ["Llama-4-Scout-17B-16E", "Llama-4-Maverick-17B-128E"])
def test_of_a_mixture_seventeen_billion_are_active(name: str) -> None:
    assert catalogue.find(name).shape.active / 1e9 == pytest.approx(17, rel=0.02)


def test_every_entry_is_complete_and_its_own() -> None:
    entries = catalogue.entries()

    assert len({one.name for one in entries}) == len(entries) > 50
    for one in entries:
        assert one.repository == f"meta-llama/{one.name}" or one.generation == "Llama 1"
        assert one.licence.url.startswith("https://") and one.licence.duties
        assert one.licence.notice or one.generation == "Llama 1"
        assert ("vision" in one.kinds) == one.sees
        assert (one.template == "none") == ("base" in one.kinds)
        assert catalogue.known(one.name) is catalogue.find(one.name) is one


def test_the_clause_about_the_eu_concerns_models_that_see_pictures() -> None:
    concerned = {one.name for one in catalogue.entries() if one.eu_clause}

    assert {"Llama-3.2-11B-Vision-Instruct", "Llama-4-Scout-17B-16E", "Llama-Guard-4-12B"} <= concerned
    assert concerned.isdisjoint({"Llama-3.2-1B", "Llama-3.3-70B-Instruct", "Llama-3.1-8B", "Llama-Guard-3-8B"})


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda one: one.name)
def test_what_is_recommended_holds_the_model(entry: catalogue.Entry) -> None:
    about = planning.from_catalogue(entry.name)
    one = entry.recommended

    made = planning.plan(about, planning.wish(about, gpu=f"{one.count}x{one.card}", quantisation=one.quantisation))

    assert [option.fits for option in made.options] == [True]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Llama 3 8B", "Meta-Llama-3-8B"),
        ("llama3.1:8b", "Llama-3.1-8B"),
        ("llama-3.1-8b-instruct", "Llama-3.1-8B-Instruct"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B-Instruct"),
        ("Llama 4 Scout", "Llama-4-Scout-17B-16E-Instruct"),
        ("llama 4 maverick fp8", "Llama-4-Maverick-17B-128E-Instruct-FP8"),
        ("Llama-2-7b-chat", "Llama-2-7b-chat-hf"),
        ("code llama 34b instruct", "CodeLlama-34b-Instruct-hf"),
        ("3.3", "Llama-3.3-70B-Instruct"),
        ("llama guard 4", "Llama-Guard-4-12B"),
    ],
)
def test_a_name_means_a_model(said: str, meant: str) -> None:
    assert catalogue.find(said).name == meant


@pytest.mark.parametrize("said", ["", "mistral 7b", "someone/Llama-3.1-8B-Instruct-GGUF", "llama 9", "../config.json"])
def test_a_foreign_name_means_none(said: str) -> None:
    assert catalogue.known(said) is None
    with pytest.raises(NotFound, match="llm list"):
        catalogue.find(said)


def test_what_could_be_several_is_asked_back() -> None:
    with pytest.raises(InvalidRequest, match=r"Llama-3\.1-8B, .* others"):
        catalogue.find("llama 3.1")
    with pytest.raises(NotFound, match="never released"):
        catalogue.find("Llama 4 Behemoth")


def test_a_row_is_short() -> None:
    row = catalogue_words.row(catalogue.find("Llama 4 Scout"))

    assert (row.parameters, row.window, row.recommended) == ("108.6 B (17.2 B active)", "10M", "H100, 4bit")
    assert row.languages == "ar en fr +9"
