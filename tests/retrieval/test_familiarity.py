"""How well a model knows a language, by its tokeniser."""

from collections.abc import Sequence

import pytest

from retrieval.embedders.protocol import Embedder
from retrieval.familiarity import familiarity


@pytest.mark.parametrize(
    "text",
    ["How many days of annual leave do full-time employees have?", "Which river flows through the city?", "2019", ""],
)
def test_english_is_known(embedder: Embedder, text: str) -> None:
    assert familiarity(text, embedder.token_spans) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Wie viele Urlaubstage haben Vollzeitbeschäftigte im Kalenderjahr?",
        "Какая команда выиграла матч в Москве?",
        "Kuinka monta vuosilomapäivää kokoaikaisilla työntekijöillä on?",
    ],
)
def test_other_languages_are_not(embedder: Embedder, text: str) -> None:
    assert familiarity(text, embedder.token_spans) == 0.0


def test_a_model_that_has_whole_words_knows_any_language() -> None:
    text = "Какая команда выиграла матч? 何時"

    def whole(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return [[(0, 5), (6, 13), (14, 22), (23, 27), (29, 30), (30, 31)]]

    assert familiarity(text, whole) == 1.0


def test_it_falls_gradually() -> None:
    def pieces(number: int) -> float:
        spans = [(i, i + 1) for i in range(number)]
        return familiarity("a" * 60 + " a" * 9, lambda _: [spans + [(61 + 2 * i, 62 + 2 * i) for i in range(9)]])

    assert [pieces(number) for number in (1, 5, 7, 9)] == [1.0, 1.0, pytest.approx(0.5), pytest.approx(0.0)]
