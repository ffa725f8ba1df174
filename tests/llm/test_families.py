"""What names of models say, as publishers, Ollama and clouds write them."""

import pytest

from llm.families import Family, family


@pytest.mark.parametrize(
    ("window", "names"),
    [
        (2_048, ["huggyllama/llama-7b"]),
        (4_096, ["meta-llama/Llama-2-13b-chat-hf", "llama2:70b", "meta-llama/Llama-2-7b-hf"]),
        (8_192, ["meta-llama/Meta-Llama-3-8B-Instruct", "llama3:8b", "meta.llama3-8b-instruct-v1:0", "llama3-70b"]),
        (16_384, ["codellama:7b-instruct", "codellama/CodeLlama-34b-Instruct-hf"]),
        (
            131_072,
            ["llama3.1", "Meta-Llama-3.1-405B", "llama3.2:3b", "us.meta.llama3-3-70b-instruct-v1:0", "llama-3_1-8b"],
        ),
        (1_048_576, ["meta-llama/Llama-4-Maverick-17B-128E-Instruct"]),
        (10_485_760, ["meta.llama4-scout-17b-instruct-v1:0"]),
        (None, ["m", "qwen3:8b", "mistral"]),
    ],
)
def test_windows(window: int | None, names: list[str]) -> None:
    assert {name: family(name).window for name in names} == dict.fromkeys(names, window)


def test_base_models_are_those_that_their_publishers_name_so() -> None:
    base = ["meta-llama/Meta-Llama-3-8B", "meta-llama/Llama-3.1-70B", "codellama/CodeLlama-7b-hf", "x/Llama-2-7b-hf"]
    chat = ["meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-2-7b-chat-hf", "llama3.1:8b", "llama-3.3-70b", "m"]

    assert [name for name in base + chat if not family(name).chat] == base


def test_templates_without_a_system_role_and_with_a_thought() -> None:
    without = ["google/gemma-2-9b-it", "gemma:2b", "mistralai/Mistral-7B-Instruct-v0.2"]
    assert [name for name in [*without, "gemma3:4b", "llama3"] if not family(name).system_role] == without
    assert family("deepseek-r1:8b").thinks
    assert family("m") == Family()
