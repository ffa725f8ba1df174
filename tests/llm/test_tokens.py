"""Tokens: exact with the model's tokenizer, too many rather than too few without one."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from core.errors import UnknownSetting
from core.settings import ROOT, load_settings
from llm import prompts, tokens
from tests.llm_server import Making

TEXTS = (
    prompts.SYSTEM,
    (ROOT / "docs" / "sample" / "staff-handbook.txt").read_text(encoding="utf-8"),
    "Revenue 1,577 1,234.56 (12.3)%\nCost $ 900 — 1,000 ...... 12\n" * 20,
    "Die Kündigungsfrist für Büroräume beträgt drei Monate; Überstunden müssen ausgeglichen werden. " * 10,
    "契約期間は三か月です。" * 10,
    "https://example.org/a_b?c=d&e=%20 {'x': [1, 2]}\t\t" * 10,
    "",
)


@pytest.fixture(scope="module")
def folder(tiny_llama: Making) -> Path:
    """A model's folder with its tokenizer."""
    return tiny_llama(False)


@pytest.mark.parametrize("text", TEXTS)
def test_the_estimate_is_high_and_not_absurd(text: str, folder: Path) -> None:
    real = len(Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids)

    estimated = tokens.estimate([{"role": "user", "content": text}])

    # The tokenizer here knows 2,000 tokens, a Llama 30,000 to 200,000: it needs more of them than a Llama does.
    assert estimated >= 0.6 * real
    assert estimated <= 100 + len(text.encode())


def test_tokens_add_up(folder: Path) -> None:
    count = tokens.local_counter(load_settings(llm_model=str(folder)))
    assert count is not None

    one, two = ([{"role": "user", "content": text}] for text in ("the tenant", "the tenant pays"))

    assert count(two) - count(one) == 1
    assert count([*one, *two]) > count(one)
    assert count([{"role": "user", "content": "<|eot_id|>"}]) - count([{"role": "user", "content": ""}]) == 1


def test_a_tokenizer_of_its_own_comes_before_that_of_the_model(folder: Path, tmp_path: Path) -> None:
    assert tokens.local_counter(load_settings(llm_model=str(tmp_path))) is None
    assert tokens.local_counter(load_settings(llm_model="at/the/server")) is None
    assert tokens.local_counter(load_settings(llm_model="at/the/server", llm_tokenizer=str(folder))) is not None


def test_a_tokenizer_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_LLM_TOKENIZER"):
        tokens.local_counter(load_settings(llm_tokenizer=str(tmp_path / "absent")))


def test_gaps_are_estimated_too() -> None:
    assert tokens.estimate([{"role": "user", "content": " " * 16_000}]) >= 1_000
