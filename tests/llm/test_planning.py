"""Plans: the recommendations that have to come out, the arithmetic behind them, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidRequest, NotFound
from llm import cards, formulas, local_models, plan_words, planning
from llm.formulas import GIBIBYTE
from llm.planning import Option, Plan


def made(model: str, **wishes: Any) -> Plan:
    about = planning.subject(model)
    return planning.plan(about, planning.wish(about, **wishes))


def option(model: str, **wishes: Any) -> Option:
    (only,) = made(model, **wishes).options
    return only


def test_llama_3_8b_fits_a_card_of_24_gb_whole() -> None:
    found = option("Llama 3 8B", gpu="RTX 4090", quantisation="bf16")

    assert found.fits and found.count == 1
    assert found.weights / GIBIBYTE == pytest.approx(14.96, abs=0.01)
    assert found.cache == 8192 * 128 * 1024
    # The card reads 15 GB of weights and 1 GiB of keys and values for each token.
    assert found.alone_rate == pytest.approx(1008e9 / (15.01e9 + GIBIBYTE), rel=0.01)
    assert plan_words.verdict(made("Llama 3 8B", memory=24)).startswith("Meta-Llama-3-8B in bf16 fits on one card")


def test_scout_fits_one_card_of_80_gb_only_in_four_bits() -> None:
    counts = {one.quantisation: one.count for one in made("Llama 4 Scout", gpu="H100").options}

    assert counts["4bit"] == 1
    assert 1 < counts["fp8"] < counts["bf16"]
    assert "only in 4 bits" in plan_words.verdict(made("Llama 4 Scout", gpu="H100"))
    assert not option("Llama 4 Scout", gpu="1xH100", quantisation="fp8").fits


def test_maverick_takes_several_cards_however_it_is_kept() -> None:
    options = made("Llama 4 Maverick", gpu="H100").options

    assert all(one.count != 1 for one in options)
    assert [one.count for one in options if one.fits] == [8, 4]
    assert plan_words.verdict(made("Llama 4 Maverick", gpu="2xRTX 4090")).endswith("43 GiB can be used.")


def test_quantised_weights_are_as_large_as_published_ones() -> None:
    # Llama 3.1 8B in FP8 and 70B in four bits, as their quantised variants on the hub weigh.
    assert option("Llama 3.1 8B", gpu="H100", quantisation="int8").weights / 1e9 == pytest.approx(9.1, rel=0.02)
    assert option("Llama 3.1 70B", gpu="H100", quantisation="awq").weights / 1e9 == pytest.approx(39.8, rel=0.06)


def test_more_people_share_the_bandwidth() -> None:
    alone = option("Llama 3.1 8B", gpu="H100", quantisation="bf16")
    many = option("Llama 3.1 8B", gpu="H100", quantisation="bf16", users=30)

    assert many.fits and many.people == alone.people
    assert many.alone_rate == alone.alone_rate
    assert alone.each_rate / 3 < many.each_rate < alone.each_rate
    assert 30 * many.each_rate > 10 * alone.each_rate


def test_a_mixture_reads_what_is_active_and_many_people_wake_more_experts() -> None:
    about = planning.subject("Llama 4 Scout")
    kept, card = about.weights("bf16"), cards.find("H100")

    def step(users: int) -> float:
        return formulas.step_seconds(about.shape, kept, card, cards=4, users=users, tokens=0)

    assert step(1) * 4 * card.bandwidth == pytest.approx(2 * 16.1e9, rel=0.01)
    assert step(10**3) * 4 * card.bandwidth == pytest.approx(
        kept.size - 2 * (about.shape.embedding + about.shape.beside), rel=0.01
    )


def test_cards_that_share_heads_keep_their_keys_twice() -> None:
    shape = planning.subject("Llama 3.1 405B").shape

    assert formulas.cache(shape, 1000, 16) == 2 * formulas.cache(shape, 1000, 8)
    assert formulas.counts(shape) == [1, 2, 4, 8, 16]
    assert formulas.counts(planning.subject("Llama 3.2 3B").shape) == [1, 2, 4, 8]


def test_long_texts_take_longer_to_read() -> None:
    short, long = (
        option("Llama 3.1 8B", gpu="H100", quantisation="bf16", tokens=tokens).prompt_rate
        for tokens in (1_000, 100_000)
    )

    assert short == pytest.approx(989e12 / (2 * 7.5e9), rel=0.02)
    assert long < short


def test_a_local_configuration_wins(tmp_path: Path) -> None:
    config = {
        "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 64,
        "intermediate_size": 128, "vocab_size": 100, "max_position_embeddings": 512,
        "quantization_config": {"quant_method": "awq"},
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(b"x" * 5000)

    for name in (str(tmp_path), str(tmp_path / "config.json")):
        about = planning.subject(name)
        assert (about.source, about.window, about.size, about.stored) == ("config.json", 512, 5000, "4bit")
        assert option(name, gpu="L4").weights == 5000

    with pytest.raises(InvalidRequest, match="cannot be had in bf16"):
        made(str(tmp_path), quantisation="bf16")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InvalidRequest, match="how the model is built"):
        planning.subject(str(tmp_path))


@pytest.mark.parametrize(
    ("wishes", "error", "message"),
    [
        ({"gpu": "H100", "memory": 80}, InvalidRequest, "not both"),
        ({"gpu": "GTX 9000"}, NotFound, "--memory"),
        ({"gpu": "3xH100"}, InvalidRequest, "3 cards"),
        ({"users": 0}, InvalidRequest, "positive"),
        ({"tokens": 9000}, InvalidRequest, "8,192 tokens at most"),
        ({"quantisation": "2bit"}, InvalidRequest, "bf16, fp8, 4bit"),
    ],
)
def test_what_cannot_be_planned_is_said(wishes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        made("Llama 3 8B", **wishes)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (None, "bf16"),
        ({"quant_method": "awq", "bits": 4}, "4bit"),
        ({"quant_method": "gptq", "bits": 8}, "fp8"),
        ({"quant_method": "fbgemm_fp8"}, "fp8"),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "fp8"),
        ({"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 4}}}}, "4bit"),
        ({"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 8}}}}, "fp8"),
        ({"quant_method": "new"}, "4bit"),
    ],
)
def test_it_is_known_how_weights_are_kept(tmp_path: Path, said: object, kept: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"quantization_config": said}))

    assert planning.stored_as(local_models.quantisation(tmp_path)) == kept


def test_a_path_is_no_name_of_the_catalogue() -> None:
    for name in ("/nowhere", "./nowhere", "~/nowhere"):
        with pytest.raises(NotFound, match=r"config\.json"):
            planning.subject(name)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA A100-SXM4-40GB", "A100 40GB"),
        ("A100", "A100 80GB"),
        ("l4", "L4"),
        ("NVIDIA L40S", "L40S"),
        ("cpu", "CPU"),
    ],
)
def test_a_card_is_known_by_its_names(said: str, meant: str) -> None:
    assert cards.find(said).name == meant


def test_verdicts_say_what_there_is() -> None:
    assert "the least that holds it is 2\u00a0×\u00a0H200 (141 GB)" in plan_words.verdict(made("Llama 4 Scout"))
    assert "In 4 bits, one H100 (80 GB) will do." in plan_words.verdict(made("Llama 4 Scout"))
    assert "a CPU with 64 GB" in plan_words.verdict(made("Llama 3.2 1B", gpu="cpu"))
    assert "does not fit into this memory" in plan_words.verdict(made("Llama 3.1 405B", gpu="cpu"))
    told = plan_words.plan_json(made("Llama 3.1 405B", gpu="L4", quantisation="bf16"))
    assert (told["fits"], told["best"]) == (False, None)
    assert "more than any number of these cards holds" in told["verdict"]
