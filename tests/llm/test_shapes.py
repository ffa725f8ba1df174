"""Shapes from configurations: those of published models, and those that say too little."""

from typing import Any

import pytest

from llm import catalogue, shapes
from llm.shapes import Shape

LLAMA_3_8B: dict[str, Any] = {
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "hidden_size": 4096,
    "intermediate_size": 14336, "vocab_size": 128256, "tie_word_embeddings": False,
}  # fmt: skip
# Text and pictures laid over each other, as `local_models.config` gives them.
SCOUT: dict[str, Any] = {
    "num_hidden_layers": 48, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
    "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384, "vocab_size": 202048,
    "num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "attention_chunk_size": 8192,
    "no_rope_layers": [1, 1, 1, 0] * 12,
    "vision_config": {"hidden_size": 1408, "intermediate_size": 5632, "num_hidden_layers": 34},
}  # fmt: skip


def test_a_configuration_gives_the_shape_of_the_catalogue() -> None:
    assert shapes.from_config(LLAMA_3_8B) == catalogue.find("Llama-3.1-8B").shape


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"no_rope_layers": []},
        {"layer_types": (["chunked_attention"] * 3 + ["full_attention"]) * 12},
    ],
)
def test_layers_of_llama_4_keep_a_window(changes: dict[str, Any]) -> None:
    shape = shapes.from_config(SCOUT | changes)

    assert shape is not None
    assert (shape.windowed_layers, shape.attention_window) == (36, 8192)
    assert shape.total == pytest.approx(catalogue.find("Llama 4 Scout").shape.total, rel=0.005)
    assert shape.active == catalogue.find("Llama 4 Scout").shape.active


def test_every_second_layer_of_maverick_has_experts() -> None:
    shape = shapes.from_config(SCOUT | {"num_local_experts": 128, "interleave_moe_layer_step": 2})

    assert shape is not None
    assert shape.total == pytest.approx(catalogue.find("Llama 4 Maverick").shape.total, rel=0.005)


def test_another_mixture_has_no_shared_expert() -> None:
    mixtral = LLAMA_3_8B | {"vocab_size": 32000, "num_local_experts": 8, "num_experts_per_tok": 2}

    shape = shapes.from_config(mixtral)

    assert shape is not None
    assert shape.total / 1e9 == pytest.approx(46.7, rel=0.005)
    assert shape.active / 1e9 == pytest.approx(12.9, rel=0.005)


def test_a_window_stops_growing() -> None:
    shape = Shape(4, 4, 2, 64, 256, 512, 1000, windowed_layers=3, attention_window=100)
    per_layer = 2 * 2 * 64 * 2

    assert shape.kept(100) == 4 * 100 * per_layer
    assert shape.kept(1000) == (1000 + 3 * 100) * per_layer


@pytest.mark.parametrize(
    "config",
    [{}, {"num_hidden_layers": True, "hidden_size": 64, "num_attention_heads": 4}, {"hidden_size": -1}],
)
def test_what_says_too_little_has_no_shape(config: dict[str, Any]) -> None:
    assert shapes.from_config(config) is None


@pytest.mark.parametrize("value", ["many", None, 1.5, [], {}])
def test_odd_values_are_taken_for_none(value: object) -> None:
    names = ("num_key_value_heads", "head_dim", "vision_config", "layer_types", "sliding_window", "num_local_experts")

    assert shapes.from_config(LLAMA_3_8B | dict.fromkeys(names, value)) == Shape(32, 32, 32, 128, 4096, 14336, 128256)
