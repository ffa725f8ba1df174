"""The order of what was found: documents that are meant first, in them the pages that are asked for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.values import Surroundings
from retrieval.places import Place
from retrieval.ranking import led, looked_at, placed, weights

AROUND = {
    1: Surroundings("other", "Consolidated Balance Sheets"),
    2: Surroundings("meant", "Employees"),
    3: Surroundings("meant", ""),
}
TOPS = {1: "", 2: "", 3: "Acme\nConsolidated Balance Sheets\n2020"}
FUSED = [(1, 3.0), (2, 2.0), (3, 1.0), (4, 0.5)]


def test_without_leads_and_places_the_lists_decide() -> None:
    assert led(FUSED, AROUND, {}) == FUSED
    assert placed(FUSED, AROUND, TOPS, {}) == FUSED


def test_the_document_that_is_meant_comes_first() -> None:
    assert [i for i, _ in led(FUSED, AROUND, {"meant": 1.0})] == [2, 3, 1, 4]


def test_in_it_the_page_that_is_asked_for_comes_first() -> None:
    found = led(FUSED, AROUND, {"meant": 1.0})

    assert [i for i, _ in placed(found, AROUND, TOPS, {Place.BALANCE: 1.0})] == [3, 2, 1, 4]
    assert [i for i, _ in placed(found, AROUND, {}, {Place.BALANCE: 1.0})] == [2, 3, 1, 4]


def test_a_document_that_is_named_better_comes_sooner() -> None:
    assert [i for i, _ in led(FUSED, AROUND, {"meant": 1.0, "other": 1.6})] == [1, 2, 3, 4]


def alike(*answers: float) -> NDArray[np.float64]:
    """How well passages answer, by all of their tokens and by neighbouring ones alike."""
    return np.array([answers, answers], np.float64).T


def test_what_answers_better_by_its_tokens_comes_sooner_than_a_little_better_score() -> None:
    scored = [(1, 3.0), (2, 2.9), (3, 2.8), (4, 0.5)]

    found = looked_at(scored, alike(0.2, 0.2, 0.9), 1.0)

    assert [i for i, _ in found] == [3, 1, 2, 4]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_what_was_not_looked_at_never_comes_before_what_was() -> None:
    scored = [(1, 3.0), (2, 2.9), (3, 2.85)]

    found = looked_at(scored, alike(0.9, 0.1), 1.0)

    assert [i for i, _ in found] == [1, 2, 3]
    assert found[1][1] >= found[2][1] == pytest.approx(2.85)


def test_looking_closely_at_nothing_or_at_equals_changes_nothing() -> None:
    assert looked_at(FUSED, alike(0, 0, 0), 1.0) == FUSED
    assert looked_at([], np.zeros((0, 2)), 1.0) == []


def test_tokens_that_stand_together_say_nothing_in_a_language_that_the_model_does_not_know() -> None:
    scored, answers = [(1, 3.0), (2, 2.9)], np.array([[0.5, 0.1], [0.5, 0.9]])

    assert [i for i, _ in looked_at(scored, answers, 1.0)] == [2, 1]
    assert looked_at(scored, answers, 0.0) == scored


def test_what_the_model_does_not_know_counts_less() -> None:
    scored = [(1, 3.0), (2, 1.8)]
    answers = alike(0.1, 0.9)

    assert [i for i, _ in looked_at(scored, answers, 1.0)] == [2, 1]
    assert [i for i, _ in looked_at(scored, answers, 0.0)] == [1, 2]
    assert weights(0.0)[0] < weights(0.5)[0] < weights(1.0)[0] < weights(0.0)[1]
